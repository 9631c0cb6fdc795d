// Which way leads from a profile's chain to the console: a pure function, so that it is tested without a console. It
// calls nobody; federation.h makes the calls.
#pragma once

#include "credentials/chain.h"

#include <cstdint>
#include <string>

namespace credentials {

enum class ConsoleWay : std::uint8_t {
  role,             // federation with the role's session
  portal,           // an Identity Center role without anything on top: federation, or the portal's shortcut
  long_term_key,    // a user's own key: GetFederationToken first
  user_session,     // a session of GetSessionToken, which the console refuses: take the key below it
  unknown_session,  // a session from outside: AWS says whose it is
};

struct ConsolePlan {
  ConsoleWay way = ConsoleWay::unknown_session;
  /// Why the length of the console's session cannot be chosen, with what to do; both empty where it can.
  std::string fixed_length;
  std::string hint;
};

/// A console session gets a length of its own only where a role has been assumed directly by a long-term key.
ConsolePlan console_plan(const Chain& chain);

}  // namespace credentials
