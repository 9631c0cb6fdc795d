// The part "roles_anywhere" of the seed file.
#pragma once

#include "base/result.h"
#include "state.h"

#include <nlohmann/json_fwd.hpp>

namespace sim {

/// Makes each trust anchor's authority. Errors name the trust anchor or profile; an unknown key is an error.
base::Result<void> read_roles_anywhere(const nlohmann::json& value, State& state);

}  // namespace sim
