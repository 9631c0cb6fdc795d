// What an identity provider publishes: its discovery document and its key set, under /oidc-provider/NAME/ on the
// simulator's port. STS reads the same keys without asking.
#pragma once

#include "rest.h"

namespace sim {

/// nullptr where the path is no provider's.
const RestRoute* discovery_route(const Request& request, const Endpoint& endpoint);

}  // namespace sim
