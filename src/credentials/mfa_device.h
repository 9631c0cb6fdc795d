// Which MFA device to try where AWS refused a role, no code was sent and the files name no device: the user's only one,
// or the one a person chooses. It sends no code and remembers nothing.
#pragma once

#include "credentials/chain.h"
#include "credentials/providers.h"

#include <optional>
#include <string>

namespace credentials {

/// The profile of the first role of a chain of which no step sends a code and a user's own key signs; null: there is
/// none.
const std::string* profile_without_device(const Chain& chain);

/// Asks AWS for the devices of the user who signs. nullopt: none, not allowed to see them, or nobody can give a code
/// (the request's own one counts).
std::optional<std::string> choose_device(const Errand& errand, const Chain& chain);

}  // namespace credentials
