// The sign-in of `aws login`: pages for people, and the token call, whose proofs bind a session to its key.
#pragma once

#include "logins.h"
#include "rest.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>

namespace sim {

constexpr base::Duration kLoginLife = std::chrono::hours(12);
constexpr std::string_view kSameDevice = "arn:aws:signin:::devtools/same-device";
constexpr std::string_view kCrossDevice = "arn:aws:signin:::devtools/cross-device";

/// GET and POST /v1/authorize, GET /v1/sessions/confirmation, in login_pages.cc.
std::span<const RestRoute> login_page_routes();
/// POST /v1/token, in login_tokens.cc.
std::span<const RestRoute> login_routes();

/// http://127.0.0.1:PORT, or https:// and the host's name behind the proxy.
std::string login_base(const RestCall& call);
/// By the user's own policies: signin:AuthorizeOAuth2Access or signin:CreateOAuth2Token, for that client.
Checked<void> check_login_permission(const World& world, User& user, std::string_view action,
                                     std::string_view client_id, std::string_view region);

/// What the CLI's cache file holds after a sign-in of `user`, made without its pages, and for which login_session.
struct LoginCache {
  std::string login_session;
  std::string document;  // JSON
};
/// The access token ends in `left`. In login_cache.cc.
LoginCache open_login(World& world, User& user, base::Duration left);

/// The answer to a token call that was granted. `predecessor` empty: the session begins. In login_tokens.cc.
nlohmann::json login_tokens(World& world, const std::shared_ptr<LoginSession>& session, const std::string& predecessor,
                            base::Duration longest);
/// A JWT with `payload`, signed by a secret of this run (HS256): nobody but the simulator can verify it.
std::string login_id_token(const World& world, const LoginSession& session, const std::string& issuer);

}  // namespace sim
