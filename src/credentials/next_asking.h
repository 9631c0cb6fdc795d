// Until when a chain can be renewed without a person: what an endpoint says at its start, so that nobody meets the end
// of it unprepared.
#pragma once

#include "base/clock.h"
#include "credentials/cache.h"
#include "credentials/chain.h"

#include <optional>
#include <string>

namespace credentials {

struct NextAsking {
  base::Duration in{0};  // from now
  std::string what_for;  // "an MFA code of arn:…", "the store's passphrase"
};

/// Whether a sealed key is opened without a person: by a key file, the desktop's keyring, a passphrase in a file.
enum class KeyOpening { by_itself, by_a_person };

/// After the chain was performed: when somebody must be asked again. nullopt: never, as far as the chain tells (a
/// sign-in to Identity Center ends when its portal says so).
std::optional<NextAsking> next_asking(const Chain& chain, KeyOpening opening, SessionCache& cache,
                                      const base::Clock& clock);

}  // namespace credentials
