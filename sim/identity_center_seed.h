// The seed's `identity_center`: one instance, or a list of them.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "state.h"

#include <nlohmann/json_fwd.hpp>

namespace sim {

/// The accounts must have been read. Passwords and TOTP secrets that the seed leaves out are made here.
base::Result<void> read_identity_centers(const nlohmann::json& value, base::Instant now, State& state);

}  // namespace sim
