// The instance metadata service of the seed's instance, on a port of its own: tokens (version 2), the role's
// credentials, the identity document, and what else SDKs ask for.
#pragma once

#include "rest.h"

namespace sim {

/// How endpoint_of() calls it.
constexpr std::string_view kInstanceMetadata = "instance-metadata";
/// The address under which AWS's instances find it.
constexpr std::string_view kInstanceMetadataHost = "169.254.169.254";

/// PUT /latest/api/token; AWS's hop limit is for its answer.
constexpr std::string_view kTokenAction = "ImdsToken";

/// Every path has one; what is not there answers 404.
const RestRoute& instance_metadata_route(const Request& request);

}  // namespace sim
