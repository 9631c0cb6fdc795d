// CreateOAuth2Token: a code or a refresh token, and a DPoP proof, for 15 minutes of credentials.
#include "authorization.h"
#include "crypto.h"
#include "dpop.h"
#include "login.h"
#include "oidc.h"
#include "refresh_chain.h"
#include "sts.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sim {
namespace {

using nlohmann::json;

constexpr auto kAccessLife = std::chrono::seconds(900);
constexpr auto kProofIdsKept = std::chrono::minutes(15);
constexpr std::size_t kRefreshLength = 400;
constexpr std::size_t kShortestVerifier = 43;
constexpr std::size_t kLongestVerifier = 128;
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// AccessDeniedException with the word that clients tell its kinds apart by, which the message brings along.
constexpr std::string_view kDenied = "AccessDeniedException";
std::unexpected<AwsError> denied(int status, std::string_view kind) {
  return refuse(status, std::string(kDenied) + "/" + std::string(kind), "The request was denied");
}
std::unexpected<AwsError> invalid(std::string words) { return refuse(400, "ValidationException", std::move(words)); }

Reply refuse_as_login(const AwsError& error) {
  const std::size_t slash = error.code.find('/');
  std::string kind = slash == std::string::npos ? "INVALID_REQUEST" : error.code.substr(slash + 1);
  std::string code = error.code.substr(0, slash);
  if (error.status >= 500) {
    kind = "server_error";
    code = "InternalServerException";
  }
  Reply reply = json_reply({{"error", kind}, {"message", error.message}});
  reply.status = error.status;
  reply.headers.emplace_back("x-amzn-errortype", code);
  return reply;
}

/// The proof of the request, whose id must not have been seen.
Checked<DpopProof> check_proof(RestCall& call) {
  World& world = call.world;
  const auto header = call.request.header("dpop");
  if (!header) return invalid("Missing DPoP proof");
  Checked<DpopProof> proof = check_dpop(*header, login_base(call) + "/v1/token", world.now(), world.checks);
  if (!proof) return proof;
  auto& seen = world.state.logins.proof_ids;
  std::erase_if(seen, [&](const auto& entry) { return entry.second + kProofIdsKept < world.now(); });
  const bool fresh = seen.emplace(proof->id, world.now()).second;
  if (!fresh && world.checks.on("login-dpop-once")) return invalid("Invalid DPoP proof: jti has been used");
  return proof;
}

Checked<std::string> text_of(const json& body, const std::string& name) {
  Checked<std::string> text = required_text(body, name);
  if (!text) return invalid(name + " is required");
  return text;
}

Checked<void> check_permission(const RestCall& call, User& user, const std::string& client_id) {
  const std::string& region = call.endpoint.regions.front();
  if (check_login_permission(call.world, user, "signin:CreateOAuth2Token", client_id, region)) return {};
  return denied(403, "INSUFFICIENT_PERMISSIONS");
}

Checked<Reply> by_code(RestCall& call, const std::string& client_id, const json& body, const DpopProof& proof) {
  World& world = call.world;
  const Checks& checks = world.checks;
  const Checked<std::string> text = text_of(body, "code");
  const Checked<std::string> redirect_uri = text_of(body, "redirectUri");
  const Checked<std::string> verifier = text_of(body, "codeVerifier");
  for (const auto* value : {&text, &redirect_uri, &verifier})
    if (!*value) return std::unexpected(value->error());
  const auto found = world.state.logins.codes.find(*text);
  if (found == world.state.logins.codes.end()) return invalid("Invalid authorization code");
  LoginCode& code = found->second;
  call.record.principal = code.user->arn;
  const bool own = code.request.client_id == client_id && code.request.redirect_uri == *redirect_uri;
  if (checks.on("login-code-owner") && !own) return invalid("The code was given to another client or redirect URI");
  if (checks.on("login-code-once") && code.used) return denied(401, "AUTHCODE_EXPIRED");
  if (checks.on("login-code-expiry") && code.expires <= world.now()) return denied(401, "AUTHCODE_EXPIRED");
  const bool fits = verifier->size() >= kShortestVerifier && verifier->size() <= kLongestVerifier &&
                    equal_constant_time(base64url_encode(sha256(*verifier)), code.request.challenge);
  if (checks.on("login-pkce") && !fits) return invalid("The code verifier does not fit the challenge");
  if (auto good = check_permission(call, *code.user, client_id); !good) return std::unexpected(good.error());
  code.used = true;
  const auto session = std::make_shared<LoginSession>(LoginSession{.user = code.user,
                                                                   .client_id = client_id,
                                                                   .key_thumbprint = proof.key_thumbprint,
                                                                   .mfa_time = code.mfa_time,
                                                                   .began = world.now(),
                                                                   .ends = world.now() + kLoginLife});
  json answer = login_tokens(world, session, "", kAccessLife);
  answer["idToken"] = login_id_token(world, *session, login_base(call) + "/signin");
  return json_reply(answer);
}

Checked<Reply> by_refresh_token(RestCall& call, const std::string& client_id, const json& body,
                                const DpopProof& proof) {
  World& world = call.world;
  const Checks& checks = world.checks;
  const Checked<std::string> text = text_of(body, "refreshToken");
  if (!text) return std::unexpected(text.error());
  const auto found = world.state.logins.refresh_tokens.find(*text);
  if (found == world.state.logins.refresh_tokens.end()) return invalid("Invalid refresh token");
  const LoginRefreshToken& token = found->second;
  const LoginSession& session = *token.session;
  call.record.principal = session.user->arn;
  if (checks.on("login-code-owner") && session.client_id != client_id)
    return invalid("The refresh token was given to another client");
  if (checks.on("login-dpop-key") && session.key_thumbprint != proof.key_thumbprint)
    return invalid("Invalid DPoP proof: the key is not the one of the sign-in");
  if (checks.on("login-password-change") && session.began < session.user->password_changed)
    return denied(403, "USER_CREDENTIALS_CHANGED");
  if (checks.on("login-session") && session.ends <= world.now()) return denied(401, "TOKEN_EXPIRED");
  if (checks.on("login-rotation") && token.superseded) return denied(401, "TOKEN_EXPIRED");
  if (auto good = check_permission(call, *session.user, client_id); !good) return std::unexpected(good.error());
  retire_predecessors(world.state.logins.refresh_tokens, *text);
  return json_reply(login_tokens(world, token.session, *text, kAccessLife));
}

Checked<Reply> create_token(RestCall& call) {
  const json body = json::parse(call.request.body, nullptr, false);
  if (!body.is_object()) return invalid("The body is no JSON object");
  const Checked<std::string> grant = text_of(body, "grantType");
  const Checked<std::string> client_id = text_of(body, "clientId");
  for (const auto* value : {&grant, &client_id})
    if (!*value) return std::unexpected(value->error());
  call.record.parameters = Parameters({{"grantType", *grant}, {"clientId", *client_id}});
  call.record.credentials = "dpop";
  const bool known = *client_id == kSameDevice || *client_id == kCrossDevice;
  if (call.world.checks.on("login-client") && !known) return invalid("Invalid client id");
  const Checked<DpopProof> proof = check_proof(call);
  if (!proof) return std::unexpected(proof.error());
  if (*grant == "authorization_code") return by_code(call, *client_id, body, *proof);
  if (*grant == "refresh_token") return by_refresh_token(call, *client_id, body, *proof);
  return invalid("Invalid grant type");
}

constexpr RestService kLogin{
    .name = "signin", .refuse = refuse_as_login, .throttled_status = 429, .throttled_code = "TooManyRequestsError"};

constexpr std::array kRoutes{
    RestRoute{&kLogin, "POST", "/v1/token", "CreateOAuth2Token", create_token},
};

}  // namespace

std::span<const RestRoute> login_routes() { return kRoutes; }

json login_tokens(World& world, const std::shared_ptr<LoginSession>& session, const std::string& predecessor,
                  base::Duration longest) {
  const base::Duration left = std::max(session->ends - world.now(), base::Duration(1000));
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(std::min(left, longest)).count();
  Session opened;
  opened.user = session->user;
  opened.mfa_time = session->mfa_time;
  const Session& keys = open_session(world, std::move(opened), session->user->account, seconds);
  const std::string refresh = "ASOR" + random_text(kRefreshLength, kUrlSafe);
  world.state.logins.refresh_tokens[refresh] = {.session = session, .predecessor = predecessor};
  return {
      {"accessToken", {{"accessKeyId", keys.key_id}, {"secretAccessKey", keys.secret}, {"sessionToken", keys.token}}},
      {"tokenType", "aws_sigv4"},
      {"expiresIn", seconds},
      {"refreshToken", refresh}};
}

std::string login_id_token(const World& world, const LoginSession& session, const std::string& issuer) {
  static const std::string secret = random_bytes(32);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(world.now()).time_since_epoch().count();
  const json payload{{"iss", issuer},
                     {"aud", session.client_id},
                     {"sub", session.user->arn},
                     {"session_arn", session.user->arn},
                     {"iat", seconds},
                     {"exp", seconds + kAccessLife.count()}};
  const std::string text = base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url_encode(payload.dump());
  return text + "." + base64url_encode(hmac_sha256(secret, text));
}

Checked<void> check_login_permission(const World& world, User& user, std::string_view action,
                                     std::string_view client_id, std::string_view region) {
  if (!world.checks.on("login-permission")) return {};
  const Caller caller{.user = &user, .key = nullptr, .session = nullptr};
  const std::string_view client = client_id == kCrossDevice ? "remote" : "localhost";
  const std::string arn =
      "arn:aws:signin:" + std::string(region) + ":" + user.account + ":oauth2/public-client/" + std::string(client);
  return check_own_permission(world, caller, action, arn, arn);
}

}  // namespace sim
