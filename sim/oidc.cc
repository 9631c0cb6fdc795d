// RegisterClient, StartDeviceAuthorization, and what the calls of the service share.
#include "oidc.h"

#include "base/text.h"
#include "crypto.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kUserCodeLetters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t kClientIdLength = 22;
constexpr std::size_t kClientSecretLength = 900;  // AWS's is a signed document, and long
constexpr std::size_t kDeviceCodeLength = 86;

constexpr std::array<std::string_view, 8> kKnownScopes{kAccountScope,
                                                       "openid",
                                                       "aws",
                                                       "sts:identity_context",
                                                       "codewhisperer:completions",
                                                       "codewhisperer:analysis",
                                                       "codewhisperer:conversations",
                                                       "codewhisperer:transformations"};
constexpr std::array kGrants{kDeviceGrant, kCodeGrant, kRefreshGrant};

std::int64_t epoch_seconds(base::Instant when) {
  return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
}

/// The `error` of RFC 6749: AuthorizationPendingException is authorization_pending.
std::string oauth_name(std::string_view code) {
  if (code.ends_with("Exception")) code.remove_suffix(std::string_view("Exception").size());
  if (code == "InternalServer") return "server_error";
  std::string name;
  for (const char c : code) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !name.empty()) name += '_';
    name += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

Checked<std::vector<std::string>> optional_texts(const json& body, const std::string& name) {
  std::vector<std::string> texts;
  if (!body.contains(name) || body.at(name).is_null()) return texts;
  if (!body.at(name).is_array()) return refuse(400, "InvalidRequestException", "Invalid request");
  for (const json& item : body.at(name)) {
    if (!item.is_string()) return refuse(400, "InvalidRequestException", "Invalid request");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

/// A URI without its port; no host where it has a user name or a port that is no number.
struct UriParts {
  std::string_view scheme, host, rest;
};
UriParts parts_of(std::string_view uri) {
  UriParts parts;
  const std::size_t colon = uri.find("://");
  if (colon == std::string_view::npos) return parts;
  parts.scheme = uri.substr(0, colon);
  const std::string_view after = uri.substr(colon + 3);
  const std::size_t end = std::min(after.find_first_of("/?"), after.size());
  const std::string_view authority = after.substr(0, end);
  const std::size_t bracket = authority.find(']');
  const std::size_t mark = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view port = mark == std::string_view::npos ? "" : authority.substr(mark + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (authority.find('@') != std::string_view::npos || !std::ranges::all_of(port, is_digit)) return parts;
  parts.host = authority.substr(0, mark);
  parts.rest = after.substr(end);
  return parts;
}

bool is_loopback(std::string_view host) { return host == "127.0.0.1" || host == "[::1]" || host == "localhost"; }

Checked<void> check_redirect_uris(const std::vector<std::string>& uris) {
  for (const std::string& uri : uris) {
    const UriParts parts = parts_of(uri);
    const bool good = uri.find('#') == std::string::npos && !parts.host.empty() &&
                      (parts.scheme == "https" || (parts.scheme == "http" && is_loopback(parts.host)));
    if (!good) return refuse(400, "InvalidRedirectUriException", "Invalid redirect uri provided");
  }
  return {};
}

Checked<Reply> register_client(RestCall& call) {
  World& world = call.world;
  const bool strict = world.checks.on("sso-registration");
  Checked<json> body = json_body(call.request);
  if (!body) return std::unexpected(body.error());
  const Checked<std::string> name = required_text(*body, "clientName");
  const Checked<std::string> type = required_text(*body, "clientType");
  if (!name) return std::unexpected(name.error());
  if (!type) return std::unexpected(type.error());
  Checked<std::vector<std::string>> scopes = optional_texts(*body, "scopes");
  Checked<std::vector<std::string>> uris = optional_texts(*body, "redirectUris");
  Checked<std::vector<std::string>> grants = optional_texts(*body, "grantTypes");
  for (const auto* list : {&scopes, &uris, &grants})
    if (!*list) return std::unexpected(list->error());
  call.record.parameters = Parameters({{"clientName", *name},
                                       {"scopes", base::join(*scopes, " ")},
                                       {"grantTypes", base::join(*grants, " ")},
                                       {"redirectUris", base::join(*uris, " ")}});
  if (strict && *type != "public")
    return refuse(400, "InvalidClientMetadataException", "Invalid client metadata provided");
  for (const std::string& scope : *scopes)
    if (world.checks.on("sso-scopes") && std::ranges::find(kKnownScopes, scope) == kKnownScopes.end())
      return refuse(400, "InvalidScopeException", "Invalid scope provided");
  for (const std::string& grant : *grants)
    if (strict && std::ranges::find(kGrants, grant) == kGrants.end())
      return refuse(400, "UnsupportedGrantTypeException", "Unsupported grant type provided");
  if (auto good = check_redirect_uris(*uris); strict && !good) return std::unexpected(good.error());
  const bool wants_code = std::ranges::find(*grants, kCodeGrant) != grants->end();
  if (strict && wants_code && uris->empty())
    return refuse(400, "InvalidRedirectUriException", "Invalid redirect uri provided");

  OidcClient client;
  client.name = *name;
  client.scopes = std::move(*scopes);
  client.redirect_uris = std::move(*uris);
  client.grant_types = std::move(*grants);
  if (body->contains("issuerUrl") && body->at("issuerUrl").is_string()) {
    client.center = find_center(world.state, body->at("issuerUrl").get<std::string>());
    if (client.center == nullptr && world.checks.on("sso-start-url"))
      return refuse(400, "InvalidRequestException", "Invalid issuer url provided");
  }
  if (client.center == nullptr && wants_code && !world.state.identity_centers.empty())
    client.center = world.state.identity_centers.front().get();
  if (client.center != nullptr)
    if (auto good = check_region(call, *client.center); !good) return std::unexpected(good.error());
  const base::Duration life = client.center != nullptr ? client.center->lifetimes.client : Lifetimes().client;
  client.expires = world.now() + life;
  client.id = random_text(kClientIdLength, kUrlSafe);
  client.secret = random_text(kClientSecretLength, kUrlSafe);
  Reply reply = json_reply({{"clientId", client.id},
                            {"clientSecret", client.secret},
                            {"clientIdIssuedAt", epoch_seconds(world.now())},
                            {"clientSecretExpiresAt", epoch_seconds(client.expires)},
                            {"authorizationEndpoint", nullptr},
                            {"tokenEndpoint", nullptr}});
  world.state.sign_ins.clients[client.id] = std::move(client);
  return reply;
}

Checked<Reply> start_device_authorization(RestCall& call) {
  World& world = call.world;
  const Checked<json> body = json_body(call.request);
  if (!body) return std::unexpected(body.error());
  const Checked<std::string> start_url = required_text(*body, "startUrl");
  if (!start_url) return std::unexpected(start_url.error());
  const Checked<const OidcClient*> client = check_client(world, *body);
  if (!client) return std::unexpected(client.error());
  call.record.parameters = Parameters({{"clientName", (*client)->name}, {"startUrl", *start_url}});
  IdentityCenter* center = find_center(world.state, *start_url);
  if (center == nullptr && !world.checks.on("sso-start-url") && !world.state.identity_centers.empty())
    center = world.state.identity_centers.front().get();
  if (center == nullptr) return refuse(400, "InvalidRequestException", "Invalid start url provided");
  if (auto good = check_region(call, *center); !good) return std::unexpected(good.error());

  DeviceRequest device;
  device.user_code = random_text(4, kUserCodeLetters) + "-" + random_text(4, kUserCodeLetters);
  device.client_id = (*client)->id;
  device.center = center;
  device.expires = world.now() + center->lifetimes.device_code;
  device.interval = center->lifetimes.device_interval;
  const std::string device_code = random_text(kDeviceCodeLength, kUrlSafe);
  const std::string page = device_page(call, *center);
  Reply reply = json_reply({{"deviceCode", device_code},
                            {"userCode", device.user_code},
                            {"verificationUri", page},
                            {"verificationUriComplete", page + "?user_code=" + device.user_code},
                            {"expiresIn", center->lifetimes.device_code.count() / 1000},
                            {"interval", device.interval.count() / 1000}});
  world.state.sign_ins.devices[device_code] = std::move(device);
  return reply;
}

constexpr RestService kOidc{
    .name = "oidc", .refuse = refuse_as_oidc, .throttled_status = 400, .throttled_code = "SlowDownException"};

constexpr std::array kRoutes{
    RestRoute{&kOidc, "POST", "/client/register", "RegisterClient", register_client},
    RestRoute{&kOidc, "POST", "/device_authorization", "StartDeviceAuthorization", start_device_authorization},
    RestRoute{&kOidc, "POST", "/token", "CreateToken", create_token},
};

}  // namespace

std::span<const RestRoute> oidc_routes() { return kRoutes; }

Reply refuse_as_oidc(const AwsError& error) {
  const std::string code = error.status >= 500 ? "InternalServerException" : error.code;
  Reply reply = json_reply({{"error", oauth_name(code)}, {"error_description", error.message}});
  reply.status = error.status;
  reply.headers.emplace_back("x-amzn-ErrorType", code + ":http://internal.amazon.com/coral/com.amazonaws.sso.oidc/");
  return reply;
}

Reply json_reply(const json& value) {
  return {.status = 200,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = value.dump(-1, ' ', false, json::error_handler_t::replace)};
}

Checked<std::string> required_text(const json& body, const std::string& name) {
  if (!body.contains(name) || !body.at(name).is_string() || body.at(name).get<std::string>().empty())
    return refuse(400, "InvalidRequestException", "Missing required parameter: " + name);
  return body.at(name).get<std::string>();
}

Checked<json> json_body(const Request& request) {
  json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return refuse(400, "InvalidRequestException", "Invalid request");
  return body;
}

Checked<const OidcClient*> check_client(const World& world, const json& body) {
  const Checked<std::string> id = required_text(body, "clientId");
  const Checked<std::string> secret = required_text(body, "clientSecret");
  if (!id) return std::unexpected(id.error());
  if (!secret) return std::unexpected(secret.error());
  const auto found = world.state.sign_ins.clients.find(*id);
  const bool known = found != world.state.sign_ins.clients.end();
  if (!known || (world.checks.on("sso-client") && !equal_constant_time(*secret, found->second.secret)))
    return refuse(401, "InvalidClientException", "Invalid client provided");
  if (world.checks.on("sso-client-expiry") && found->second.expires <= world.now())
    return refuse(401, "InvalidClientException", "Client secret has expired");
  return &found->second;
}

Checked<void> check_scopes(const World& world, const OidcClient& client, const std::vector<std::string>& wanted) {
  if (!world.checks.on("sso-scopes")) return {};
  for (const std::string& scope : wanted)
    if (std::ranges::find(client.scopes, scope) == client.scopes.end())
      return refuse(400, "InvalidScopeException", "Invalid scope provided");
  return {};
}

Checked<void> check_region(const RestCall& call, const IdentityCenter& center) {
  const bool right = call.endpoint.service.empty() || call.endpoint.regions.front() == center.region;
  if (right || !call.world.checks.on("sso-region")) return {};
  return refuse(400, "InvalidRequestRegionException", "Invalid region provided: use " + center.region);
}

bool is_registered(const OidcClient& client, std::string_view redirect_uri) {
  return std::ranges::any_of(client.redirect_uris, [&](const std::string& registered) {
    const UriParts a = parts_of(registered);
    const UriParts b = parts_of(redirect_uri);
    if (!is_loopback(a.host)) return registered == redirect_uri;
    return a.scheme == b.scheme && a.host == b.host && a.rest == b.rest;
  });
}

std::string device_page(const RestCall& call, const IdentityCenter& center) {
  if (call.endpoint.service.empty())
    return "http://" + std::string(call.request.header("host").value_or("")) + "/device";
  return "https://device.sso." + center.region + ".amazonaws.com/";
}

}  // namespace sim
