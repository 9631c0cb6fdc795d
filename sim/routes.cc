// One span for each service.
#include "routes.h"

#include "console.h"
#include "container_endpoint.h"
#include "discovery.h"
#include "instance_metadata.h"
#include "login.h"
#include "oidc.h"
#include "portal.h"
#include "roles_anywhere.h"

#include <algorithm>
#include <array>
#include <span>

namespace sim {
namespace {

std::array<std::span<const RestRoute>, 8> tables() {
  return {oidc_routes(),    sign_in_page_routes(),   portal_routes(),     federation_routes(),
          console_routes(), roles_anywhere_routes(), login_page_routes(), login_routes()};
}

/// device.sso.REGION serves its one page at its root; the console has one page under every path.
std::string_view path_of(const Request& request, const Endpoint& endpoint) {
  if (endpoint.service == "console" && request.path() != "/console/sessions") return "/console";
  return endpoint.service == "device" && request.path() == "/" ? "/device" : request.path();
}

}  // namespace

const RestRoute* find_route(const Request& request, const Endpoint& endpoint) {
  if (endpoint.service == kInstanceMetadata) return &instance_metadata_route(request);
  if (endpoint.service == kContainerEndpoint) return &container_route(request);
  if (const RestRoute* route = discovery_route(request, endpoint)) return route;
  const std::string_view path = path_of(request, endpoint);
  for (const auto& table : tables())
    for (const RestRoute& route : table)
      if (route.method == request.method && route.path == path &&
          (route.parameter.empty() || parameters_of(request).get_or("Action", "") == route.parameter) &&
          (endpoint.service.empty() || endpoint.service == route.service->name))
        return &route;
  return nullptr;
}

bool is_served(std::string_view service) {
  if (service == "sts" || service == "iam") return true;
  return std::ranges::any_of(tables(), [&](const auto& table) {
    return std::ranges::any_of(table, [&](const RestRoute& route) { return route.service->name == service; });
  });
}

}  // namespace sim
