// The credentials endpoint of the seed's container, on a port of its own: ECS's, where the path is the secret, and EKS
// Pod Identity's, where a token is.
#pragma once

#include "rest.h"

namespace sim {

/// How endpoint_of() calls it.
constexpr std::string_view kContainerEndpoint = "container";
/// The address under which AWS's containers find it.
constexpr std::string_view kContainerHost = "169.254.170.2";

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, and the path of the full one.
std::string relative_uri(const Container& container);
constexpr std::string_view kPodIdentityPath = "/v1/credentials";

/// Every path has one; what is not there answers 404.
const RestRoute& container_route(const Request& request);

}  // namespace sim
