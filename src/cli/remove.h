// Taking a sealed key out of the store, for `kabuto remove` and for the names of other tools that do the same.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>

namespace cli {

class Context;

struct RemovedKey {
  std::string access_key_id;
  std::size_t sessions = 0;        // cached ones, which are forgotten
  bool was_being_rotated = false;  // its new key exists at AWS alone from now on
};

/// With all that belongs to it. Errors: not_found, where the profile has no sealed key.
base::Result<RemovedKey> remove_key(Context& context, const std::string& profile);

/// Where the profile of a removed key has a credential_process that asks kabuto for it.
void warn_of_own_process(Context& context, const std::string& profile);

}  // namespace cli
