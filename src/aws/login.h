// The tokens of `aws login` (signin.REGION): the one call that renews them, proved with DPoP. Signing in is the AWS
// CLI's; where tokens are kept is login_cache.h.
#pragma once

#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/login_cache.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace aws {

/// What AWS answers to a renewal without it being a failure of the call.
enum class LoginRefusal : std::uint8_t {
  token_expired,             // the sign-in has ended, after 12 h at most
  code_expired,              // the sign-in was never finished
  credentials_changed,       // another password
  insufficient_permissions,  // signin:CreateOAuth2Token
};
std::optional<LoginRefusal> login_refusal(const ServiceError& refusal);

using LoginReply = std::variant<LoginToken, LoginRefusal>;

/// The token that the reply brings, in the place of `old`; what the reply leaves out stays as it was. Error: failure.
base::Result<LoginToken> read_login_reply(secret::Bytes body, const LoginToken& old, base::Instant now);

/// Never repeated by itself where AWS may have acted on it: the refresh token rotates. Errors: failure (the key of the
/// sign-in cannot be used, and AWS's own), unreachable.
base::Result<LoginReply> refresh_login(Client& client, const Endpoint& endpoint, const LoginToken& token);

}  // namespace aws
