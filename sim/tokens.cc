// CreateToken: the three grants, and the life of refresh tokens.
#include "crypto.h"
#include "oidc.h"
#include "refresh_chain.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::string_view kTokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTokenLength = 300;
constexpr auto kSlowDown = std::chrono::seconds(5);
constexpr auto kPollTolerance = std::chrono::milliseconds(100);  // of a client's timer
constexpr std::size_t kShortestVerifier = 43;
constexpr std::size_t kLongestVerifier = 128;

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

std::unexpected<AwsError> invalid_grant() { return refuse(400, "InvalidGrantException", "Invalid grant provided"); }

/// Clients that asked for account access may refresh; the others' token lasts as long as the session.
bool may_refresh(const World& world, const SignIn& sign_in) {
  const OidcClient& client = world.state.sign_ins.clients.at(sign_in.client_id);
  return contains(sign_in.scopes, kAccountScope) &&
         (client.grant_types.empty() || contains(client.grant_types, kRefreshGrant));
}

Reply tokens_for(World& world, const std::shared_ptr<SignIn>& sign_in, const std::string& predecessor) {
  const base::Duration left = std::max(sign_in->ends - world.now(), base::Duration(0));
  const bool refreshes = may_refresh(world, *sign_in);
  const base::Duration life = refreshes ? std::min(left, sign_in->center->lifetimes.access_token) : left;
  const std::string access = "aoaAAAAAG" + random_text(kTokenLength, kTokenAlphabet);
  world.state.sign_ins.access_tokens[access] = {.sign_in = sign_in, .expires = world.now() + life};
  json answer{{"accessToken", access},
              {"tokenType", "Bearer"},
              {"expiresIn", std::chrono::floor<std::chrono::seconds>(life).count()}};
  if (refreshes) {
    const std::string refresh = "aorAAAAAG" + random_text(kTokenLength, kTokenAlphabet);
    world.state.sign_ins.refresh_tokens[refresh] = {.sign_in = sign_in, .predecessor = predecessor};
    answer["refreshToken"] = refresh;
  }
  return json_reply(answer);
}

Reply begin_session(RestCall& call, SignIn sign_in) {
  sign_in.ends = call.world.now() + sign_in.center->lifetimes.session;
  call.record.principal = "sso:" + sign_in.user->name;
  return tokens_for(call.world, std::make_shared<SignIn>(std::move(sign_in)), "");
}

Checked<void> check_verifier(const World& world, const AuthorizationCode& code, const std::string& verifier) {
  if (!world.checks.on("sso-pkce")) return {};
  const bool fits = verifier.size() >= kShortestVerifier && verifier.size() <= kLongestVerifier &&
                    equal_constant_time(base64url_encode(sha256(verifier)), code.challenge);
  if (!fits) return invalid_grant();
  return {};
}

Checked<Reply> by_code(RestCall& call, const OidcClient& client, const json& body) {
  World& world = call.world;
  const Checked<std::string> text = required_text(body, "code");
  const Checked<std::string> redirect_uri = required_text(body, "redirectUri");
  const Checked<std::string> verifier = required_text(body, "codeVerifier");
  for (const auto* value : {&text, &redirect_uri, &verifier})
    if (!*value) return std::unexpected(value->error());
  const auto found = world.state.sign_ins.codes.find(*text);
  if (found == world.state.sign_ins.codes.end()) return invalid_grant();
  AuthorizationCode& code = found->second;
  const bool same_request = code.client_id == client.id && code.redirect_uri == *redirect_uri;
  if (world.checks.on("sso-code-owner") && !same_request) return invalid_grant();
  if (world.checks.on("sso-code-once") && code.used) return invalid_grant();
  if (world.checks.on("sso-code-expiry") && code.expires <= world.now()) return invalid_grant();
  if (auto good = check_verifier(world, code, *verifier); !good) return std::unexpected(good.error());
  if (auto good = check_region(call, *code.center); !good) return std::unexpected(good.error());
  code.used = true;
  return begin_session(
      call, {.center = code.center, .user = code.user, .client_id = code.client_id, .scopes = code.scopes, .ends = {}});
}

Checked<void> check_pace(const World& world, DeviceRequest& device) {
  const base::Duration since = world.now() - device.last_poll;
  const bool too_soon = since + kPollTolerance < device.interval;
  device.last_poll = world.now();
  if (!too_soon || !world.checks.on("sso-interval")) return {};
  device.interval += kSlowDown;
  return refuse(400, "SlowDownException", "Slow down");
}

Checked<Reply> by_device(RestCall& call, const OidcClient& client, const json& body) {
  using Status = DeviceRequest::Status;
  World& world = call.world;
  const Checked<std::string> text = required_text(body, "deviceCode");
  if (!text) return std::unexpected(text.error());
  const auto found = world.state.sign_ins.devices.find(*text);
  if (found == world.state.sign_ins.devices.end()) return invalid_grant();
  DeviceRequest& device = found->second;
  if (world.checks.on("sso-code-owner") && device.client_id != client.id) return invalid_grant();
  if (auto good = check_region(call, *device.center); !good) return std::unexpected(good.error());
  if (world.checks.on("sso-code-expiry") && device.expires <= world.now())
    return refuse(400, "ExpiredTokenException", "Device code has expired");
  if (device.status == Status::used && world.checks.on("sso-code-once")) return invalid_grant();
  if (device.status == Status::denied) return refuse(400, "AccessDeniedException", "Access denied");
  if (auto good = check_pace(world, device); !good) return std::unexpected(good.error());
  if (device.status == Status::pending)
    return refuse(400, "AuthorizationPendingException", "Authorization is still pending");
  device.status = Status::used;
  return begin_session(
      call,
      {.center = device.center, .user = device.user, .client_id = client.id, .scopes = client.scopes, .ends = {}});
}

Checked<Reply> by_refresh_token(RestCall& call, const OidcClient& client, const json& body) {
  World& world = call.world;
  const Checked<std::string> text = required_text(body, "refreshToken");
  if (!text) return std::unexpected(text.error());
  const auto found = world.state.sign_ins.refresh_tokens.find(*text);
  if (found == world.state.sign_ins.refresh_tokens.end()) return invalid_grant();
  const RefreshToken& token = found->second;
  if (world.checks.on("sso-code-owner") && token.sign_in->client_id != client.id) return invalid_grant();
  if (world.checks.on("sso-logout") && token.sign_in->revoked) return invalid_grant();
  if (world.checks.on("sso-session") && token.sign_in->ends <= world.now()) return invalid_grant();
  if (world.checks.on("sso-rotation") && token.superseded) return invalid_grant();
  if (auto good = check_region(call, *token.sign_in->center); !good) return std::unexpected(good.error());
  call.record.principal = "sso:" + token.sign_in->user->name;
  retire_predecessors(world.state.sign_ins.refresh_tokens, *text);
  return tokens_for(world, token.sign_in, *text);
}

}  // namespace

Checked<Reply> create_token(RestCall& call) {
  World& world = call.world;
  Checked<json> body = json_body(call.request);
  if (!body) return std::unexpected(body.error());
  const Checked<std::string> grant = required_text(*body, "grantType");
  if (!grant) return std::unexpected(grant.error());
  call.record.parameters = Parameters(Pairs{{"grantType", *grant}});
  const bool known = *grant == kCodeGrant || *grant == kDeviceGrant || *grant == kRefreshGrant;
  if (!known) return refuse(400, "UnsupportedGrantTypeException", "Unsupported grant type provided");
  const Checked<const OidcClient*> found = check_client(world, *body);
  if (!found) return std::unexpected(found.error());
  const OidcClient& client = **found;
  call.record.parameters = Parameters(Pairs{{"grantType", *grant}, {"clientName", client.name}});
  if (world.checks.on("sso-grant") && !client.grant_types.empty() && !contains(client.grant_types, *grant))
    return refuse(400, "UnauthorizedClientException", "The client is not registered for this grant type");
  if (*grant == kCodeGrant) return by_code(call, client, *body);
  if (*grant == kDeviceGrant) return by_device(call, client, *body);
  return by_refresh_token(call, client, *body);
}

}  // namespace sim
