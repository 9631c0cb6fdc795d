// Which profiles take part: from the one asked for along source_profile to the one that holds the first credentials, as
// the SDKs walk it. It decides nothing about sessions, durations or MFA; plan() does.
#pragma once

#include "credentials/chain.h"

#include <optional>
#include <string>
#include <vector>

namespace credentials {

/// A profile on the way, as the files and the store know it.
struct Link {
  std::string name;
  std::optional<aws::Profile> profile;  // none: only the store knows it
  std::optional<SealedKey> sealed;
  std::string remembered_mfa;  // a person's choice; counts where the files name no mfa_serial

  /// "line 12 of …" for an error or a reason: where the key stands, or the profile.
  std::string where(std::string_view key) const;
};

/// How long the first credentials last, as far as the files tell.
enum class Lifetime { long_term, temporary };

struct Resolution {
  std::vector<Link> links;          // the profile asked for first
  std::size_t roles = 0;            // the first so many links are roles to assume, last of them first
  std::optional<std::size_t> base;  // the link that holds the first credentials; none: the environment
  Hop first;                        // the step that gives them
  Lifetime lifetime = Lifetime::long_term;
  std::vector<std::string> warnings;
};

/// Errors as plan().
base::Result<Resolution> resolve(const Facts& facts, const std::string& profile);
/// The profile's own sealed key alone, whatever roles it names. Errors: not_found.
base::Result<Resolution> resolve_sealed_key(const Facts& facts, const std::string& profile);

/// The step of the environment's keys; nullopt where there are none, failure where there is half a pair.
base::Result<std::optional<Hop>> environment_keys(const base::Environment& environment);
/// Whether the environment's keys come with a session token.
Lifetime environment_lifetime(const base::Environment& environment);

}  // namespace credentials
