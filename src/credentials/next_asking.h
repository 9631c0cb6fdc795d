// Until when a chain can be renewed without a person: what an endpoint says at its start, so that nobody meets the end
// of it unprepared.
#pragma once

#include "base/clock.h"
#include "credentials/chain.h"

#include <functional>
#include <optional>
#include <string>

namespace credentials {

struct NextAsking {
  base::Duration in{0};  // from now
  std::string what_for;  // "an MFA code of arn:…", "the store's passphrase"
};

/// Whether a sealed key is opened without a person: by a key file, the desktop's keyring, a passphrase in a file.
enum class KeyOpening { by_itself, by_a_person };

/// How much longer what a step has given is good; zero: it must be performed.
using TimeLeft = std::function<base::Duration(const Hop&)>;

/// When performing the chain asks somebody. nullopt: never, as far as the chain tells (a sign-in to Identity Center
/// ends when its portal says so).
std::optional<NextAsking> next_asking(const Chain& chain, KeyOpening opening, const TimeLeft& time_left);
/// The same from the moment at which all of it has been performed anew.
std::optional<NextAsking> next_asking_when_new(const Chain& chain, KeyOpening opening);

}  // namespace credentials
