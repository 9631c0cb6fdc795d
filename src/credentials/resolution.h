// Which profiles take part: from the one asked for along source_profile to the one that holds the first credentials, as
// the SDKs walk it. It decides nothing about sessions, durations or MFA; plan() does.
#pragma once

#include "credentials/chain.h"
#include "credentials/first_step.h"
#include "credentials/link.h"

#include <optional>
#include <string>
#include <vector>

namespace credentials {

struct Resolution {
  std::vector<Link> links;          // the profile asked for first
  std::size_t roles = 0;            // the first so many links are roles to assume, last of them first
  std::optional<std::size_t> base;  // the link that holds the first credentials; none: the environment
  Hop first;                        // the step that gives them
  Lifetime lifetime = Lifetime::long_term;
  std::vector<std::string> warnings;

  /// Takes the step, which the last link gives.
  void take(FirstStep step);
};

/// Errors as plan().
base::Result<Resolution> resolve(const Facts& facts, const std::string& profile);
/// The profile's own sealed key alone, whatever roles it names. Errors: not_found.
base::Result<Resolution> resolve_sealed_key(const Facts& facts, const std::string& profile);

}  // namespace credentials
