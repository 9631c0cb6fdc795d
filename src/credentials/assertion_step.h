// What roles by a token and roles by a SAML assertion have in common as a first step: a role, and a file or a program
// that says who one is. Only the two steps include it.
#pragma once

#include "base/result.h"
#include "credentials/chain.h"
#include "credentials/link.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

struct AssertionKeys {
  std::string_view file;     // the profile's key that names a file
  std::string_view process;  // … or a program
  std::string_view noun;     // "token"
  std::string_view action;
};

/// The hop, its kind and what only one of the two has left to the caller; nullopt where the profile has neither key.
/// Errors: both keys, or no role_arn.
base::Result<std::optional<Hop>> assertion_hop(const Facts& facts, const Link& link, const AssertionKeys& keys);

void take_role(Hop& hop, const std::string& role_arn, const AssertionKeys& keys);
void take_file(Hop& hop, const Facts& facts, const std::string& path, const std::string& said_by,
               const AssertionKeys& keys);

/// A warning for each of the profile's keys that an AssumeRole would send and this call does not.
std::vector<std::string> unused_keys(const Link& link, const AssertionKeys& keys);

}  // namespace credentials
