// The table of all REST calls. On loopback the path alone chooses; under a real host name only that service's paths are
// there.
#pragma once

#include "rest.h"

namespace sim {

/// nullptr: not a REST call, the query protocol's turn.
const RestRoute* find_route(const Request& request, const Endpoint& endpoint);
/// Whether the proxy answers for hosts of that service.
bool is_served(std::string_view service);

}  // namespace sim
