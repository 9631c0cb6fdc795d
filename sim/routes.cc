// One span for each service.
#include "routes.h"

#include "oidc.h"
#include "portal.h"

#include <algorithm>
#include <array>
#include <span>

namespace sim {
namespace {

std::array<std::span<const RestRoute>, 3> tables() { return {oidc_routes(), sign_in_page_routes(), portal_routes()}; }

/// device.sso.REGION serves its one page at its root.
std::string_view path_of(const Request& request, const Endpoint& endpoint) {
  return endpoint.service == "device" && request.path() == "/" ? "/device" : request.path();
}

}  // namespace

const RestRoute* find_route(const Request& request, const Endpoint& endpoint) {
  const std::string_view path = path_of(request, endpoint);
  for (const auto& table : tables())
    for (const RestRoute& route : table)
      if (route.method == request.method && route.path == path &&
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
