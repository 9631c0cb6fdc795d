// The seed's `instance` and `container`.
#pragma once

#include "base/result.h"
#include "state.h"

#include <nlohmann/json_fwd.hpp>

namespace sim {

/// The accounts must have been read.
base::Result<void> read_machines(const nlohmann::json& seed, State& state);

}  // namespace sim
