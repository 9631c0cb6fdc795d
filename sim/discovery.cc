// OpenIdConfiguration and Jwks.
#include "discovery.h"

#include "identity_providers.h"
#include "oidc.h"

#include <nlohmann/json.hpp>

#include <array>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "/oidc-provider/";
constexpr std::string_view kConfiguration = "/.well-known/openid-configuration";
constexpr std::string_view kKeys = "/keys";

/// The part of a path between the prefix and `tail`.
std::string name_in(std::string_view path, std::string_view tail) {
  path.remove_prefix(kPrefix.size());
  path.remove_suffix(tail.size());
  return percent_decode(path, PlusSign::is_itself);
}

Checked<OidcProvider*> provider_at(const RestCall& call, std::string_view tail) {
  OidcProvider* provider = find_oidc_provider(call.world.state, name_in(call.request.path(), tail));
  if (provider == nullptr) return refuse(404, "NotFound", "no such identity provider");
  return provider;
}

Checked<Reply> configuration(RestCall& call) {
  const Checked<OidcProvider*> provider = provider_at(call, kConfiguration);
  if (!provider) return std::unexpected(provider.error());
  std::string base(call.request.path());
  base.resize(base.size() - kConfiguration.size());
  const std::string keys = "http://" + std::string(call.request.header("host").value_or("")) + base;
  return json_reply({{"issuer", (*provider)->url},
                     {"jwks_uri", keys + std::string(kKeys)},
                     {"response_types_supported", {"id_token"}},
                     {"subject_types_supported", {"public"}},
                     {"id_token_signing_alg_values_supported", {"RS256", "ES256"}}});
}

Checked<Reply> keys(RestCall& call) {
  const Checked<OidcProvider*> provider = provider_at(call, kKeys);
  if (!provider) return std::unexpected(provider.error());
  return json_reply(key_set(**provider));
}

Reply refuse_in_words(const AwsError& error) {
  return {.status = error.status, .headers = {{"Content-Type", "text/plain"}}, .body = error.message + "\n"};
}

constexpr RestService kService{
    .name = "oidc-provider", .refuse = refuse_in_words, .throttled_status = 429, .throttled_code = "Throttling"};

constexpr std::array kRoutes{
    RestRoute{&kService, "GET", kConfiguration, "OpenIdConfiguration", configuration},
    RestRoute{&kService, "GET", kKeys, "Jwks", keys},
};

}  // namespace

const RestRoute* discovery_route(const Request& request, const Endpoint& endpoint) {
  if (!endpoint.service.empty() || !request.path().starts_with(kPrefix)) return nullptr;
  const std::string_view below = request.path().substr(kPrefix.size());
  for (const RestRoute& route : kRoutes)
    if (route.method == request.method && below.ends_with(route.path)) return &route;
  return nullptr;
}

}  // namespace sim
