// Replacing one sealed key by a new one at AWS, for `kabuto rotate` and for the names of other tools that do the same.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace cli {

class Context;

struct RotateWish {
  std::string profile;
  std::optional<std::string> mfa_token;
  bool yes = false;  // a second key that is in the way is deleted without asking
};

struct RotatedKey {
  std::string old_id;
  std::string new_id;
  std::vector<std::string> profiles;  // all that have the new key
  std::size_t sessions = 0;           // cached ones, which are forgotten
};

/// One rotation at a time runs on a machine. Errors: store_locked where another runs; those of the store and of AWS.
base::Result<RotatedKey> rotate_key(Context& context, const RotateWish& wish);

}  // namespace cli
