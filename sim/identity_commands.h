// kabuto-sim's commands that play what stands around AWS: an identity provider (token, assertion), a container's agent
// (container).
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace sim {

/// A token of an OIDC provider; empty where --out takes it.
base::Result<std::string> issue_token_command(const std::vector<std::string>& arguments,
                                              const base::Environment& environment);

/// A SAML provider's response in base64; empty where --out takes it.
base::Result<std::string> issue_assertion_command(const std::vector<std::string>& arguments,
                                                  const base::Environment& environment);
/// NAME=VALUE lines for env; --token-file FILE takes the token, --rotate makes it anew.
base::Result<std::string> container_command(std::vector<std::string> arguments, const base::Environment& environment);

}  // namespace sim
