// Finds the key, checks token, expiry and signature.
#include "authentication.h"

#include "base/text.h"
#include "container_endpoint.h"
#include "crypto.h"
#include "instance_metadata.h"
#include "sigv4.h"

namespace sim {
namespace {

std::unexpected<AwsError> unknown_token() {
  return refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
}

Checked<Caller> find_caller(World& world, const SignatureClaim& claim) {
  const Checks& checks = world.checks;
  if (const auto found = world.state.sessions.find(claim.key_id); found != world.state.sessions.end()) {
    Session& session = *found->second;
    const bool token_fits = claim.token && equal_constant_time(*claim.token, session.token);
    if (checks.on("token") && !token_fits) return unknown_token();
    if (checks.on("expiry") && session.expires <= world.now())
      return refuse(403, "ExpiredToken", "The security token included in the request is expired");
    return Caller{.user = session.user, .key = nullptr, .session = &session};
  }
  User* user = world.state.owner_of(claim.key_id);
  if (user == nullptr) return unknown_token();
  AccessKey* key = find_key(*user, claim.key_id);
  if (checks.on("key-status") && key->status == KeyStatus::inactive) return unknown_token();
  if (checks.on("propagation") && world.now() < key->known_from) return unknown_token();
  if (checks.on("token") && claim.token) return unknown_token();
  return Caller{.user = user, .key = key, .session = nullptr};
}

}  // namespace

Endpoint endpoint_of(std::string_view host, const State& state) {
  Endpoint endpoint;
  // What the seed's machines find at link-local addresses.
  const bool metadata = state.instance && host == kInstanceMetadataHost;
  if (metadata || (state.container && host == kContainerHost)) {
    endpoint.service = metadata ? kInstanceMetadata : kContainerEndpoint;
    endpoint.regions = state.regions;
    return endpoint;
  }
  host = host.substr(0, host.find(':'));
  std::string_view rest = host;
  // Pages of people: signin.aws.amazon.com, REGION.console.aws.amazon.com, and their like in other partitions.
  for (const std::string_view pages :
       {".aws.amazon.com", ".amazonaws.cn", ".amazonaws-us-gov.com", ".amazonaws-eusc.eu"}) {
    if (!host.ends_with(pages)) continue;
    rest.remove_suffix(pages.size());
    const std::size_t dot = rest.rfind('.');
    endpoint.service = rest.substr(dot == std::string_view::npos ? 0 : dot + 1);
    endpoint.regions = {std::string(dot == std::string_view::npos ? kGlobalRegion : rest.substr(0, dot))};
    return endpoint;
  }
  for (const std::string_view suffix : {".amazonaws.com", ".api.aws"}) {
    if (!host.ends_with(suffix)) continue;
    rest.remove_suffix(suffix.size());
    const std::size_t dot = rest.find('.');
    std::string_view service = rest.substr(0, dot);
    std::string_view region = dot == std::string_view::npos ? kGlobalRegion : rest.substr(dot + 1);
    if (service.ends_with("-fips")) service.remove_suffix(std::string_view("-fips").size());
    constexpr std::string_view identity_center = "sso.";  // portal.sso.REGION, device.sso.REGION
    if (region.starts_with(identity_center)) region.remove_prefix(identity_center.size());
    endpoint.service = service;
    endpoint.regions = {std::string(region)};
    return endpoint;
  }
  endpoint.regions = state.regions;
  return endpoint;
}

Checked<Caller> authenticate(World& world, const Request& request, const Endpoint& endpoint, std::string_view service) {
  const Checked<SignatureClaim> claim = read_claim(request);
  if (!claim) return std::unexpected(claim.error());
  const SignatureRules rules{.now = world.now(), .regions = endpoint.regions, .service = std::string(service)};
  if (auto good = check_claim(request, *claim, rules, world.checks); !good) return std::unexpected(good.error());
  Checked<Caller> caller = find_caller(world, *claim);
  if (!caller) return caller;
  const std::string& secret = caller->session != nullptr ? caller->session->secret : caller->key->secret;
  if (auto good = check_signature(request, *claim, secret, PathForm::normalized, world.checks); !good)
    return std::unexpected(good.error());
  return caller;
}

}  // namespace sim
