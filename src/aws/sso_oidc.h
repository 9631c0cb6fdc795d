// Identity Center's OIDC service (oidc.REGION): client registration, device authorization and tokens. It makes the
// calls and reads the answers; which flow to take, and where tokens are kept, is credentials/.
#pragma once

#include "aws/client.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "secret/bytes.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace aws {

enum class SsoFlow : std::uint8_t { authorization_code, device_code };

struct RegisterClientRequest {
  std::string client_name;
  SsoFlow flow = SsoFlow::authorization_code;
  std::vector<std::string> scopes;  // empty: AWS's default, no refresh token
  std::string redirect_uri;         // of authorization_code, without a port
  std::string issuer_url;           // the resolved start URL
};

struct ClientRegistration {
  std::string client_id;
  secret::Bytes client_secret;
  base::Instant expires;
};

struct DeviceAuthorization {
  secret::Bytes device_code;
  std::string user_code;
  std::string verification_uri;
  std::string verification_uri_complete;  // empty where the reply has none
  base::Instant expires;                  // in AWS's time
  base::Duration interval{5'000};
};

struct SsoTokens {
  secret::Bytes access_token;
  secret::Bytes refresh_token;  // empty where none was given
  base::Instant expires;        // of the access token, in AWS's time
};

/// What AWS answers to a token call without it being a failure of the call.
enum class TokenRefusal : std::uint8_t { pending, slow_down, expired, denied, invalid_grant, invalid_client };
using TokenReply = std::variant<SsoTokens, TokenRefusal>;

class SsoOidc {
 public:
  /// The client must outlive this object.
  SsoOidc(Client& client, Endpoint endpoint) : client_(client), endpoint_(std::move(endpoint)) {}

  base::Result<ClientRegistration> register_client(const RegisterClientRequest& request);
  base::Result<DeviceAuthorization> start_device_authorization(const ClientRegistration& registration,
                                                               const std::string& start_url);
  base::Result<TokenReply> token_for_device(const ClientRegistration& registration, const secret::Bytes& device_code);
  base::Result<TokenReply> token_for_code(const ClientRegistration& registration, const secret::Bytes& code,
                                          const secret::Bytes& verifier, const std::string& redirect_uri);
  /// Never repeated by itself where AWS may have acted on it: the refresh token rotates.
  base::Result<TokenReply> refresh(const ClientRegistration& registration, const secret::Bytes& refresh_token);

 private:
  Client& client_;
  Endpoint endpoint_;
};

/// What the browser is sent to. `state` and `challenge` (S256) are not secret.
struct AuthorizeRequest {
  std::string client_id;
  std::string redirect_uri;  // with its port
  std::string state;
  std::string challenge;
  std::vector<std::string> scopes;
};
std::string authorize_url(const Endpoint& endpoint, const AuthorizeRequest& request);

/// 64 characters of RFC 7636's set.
secret::Bytes make_verifier();
/// base64url of SHA-256, without padding.
std::string code_challenge(const secret::Bytes& verifier);

}  // namespace aws
