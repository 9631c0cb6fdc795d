// From a request to its caller: the signature, the access key, the session token. Does not decide what the caller may
// do.
#pragma once

#include "error.h"
#include "message.h"
#include "world.h"

#include <string_view>

namespace sim {

constexpr std::string_view kGlobalRegion = "us-east-1";

struct Endpoint {
  std::string service;               // sts, iam, oidc, portal …; empty on loopback, where the call decides
  std::vector<std::string> regions;  // the ones a credential scope may name
};

/// What a host name says: sts.eu-west-1.amazonaws.com, portal.sso.eu-west-1.amazonaws.com, signin.aws.amazon.com, or
/// loopback, which serves all of the seed's regions.
Endpoint endpoint_of(std::string_view host, const State& state);

/// Errors as AWS words them: MissingAuthenticationToken, InvalidClientTokenId, ExpiredToken, SignatureDoesNotMatch …
Checked<Caller> authenticate(World& world, const Request& request, const Endpoint& endpoint, std::string_view service);

}  // namespace sim
