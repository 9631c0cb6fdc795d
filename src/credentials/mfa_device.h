// Which MFA device to try where AWS refused a role, no code was sent and the files name no device: the user's only one,
// or the one a person chooses. It sends no code and remembers nothing.
#pragma once

#include "aws/client.h"
#include "aws/profile.h"
#include "credentials/broker.h"
#include "credentials/chain.h"

#include <optional>
#include <string>

namespace credentials {

/// The profile of the first role of a chain of which no step sends a code and a user's own key signs; null: there is
/// none.
const std::string* profile_without_device(const Chain& chain);

/// Asks AWS for the devices of the user who signs. nullopt: none, not allowed to see them, or nobody can give a code;
/// `code_given`: --mfa-token is there.
std::optional<std::string> choose_device(const Surroundings& around, const aws::Profiles& profiles, aws::Client& client,
                                         const Chain& chain, bool code_given);

}  // namespace credentials
