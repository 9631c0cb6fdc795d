// The seed file: which accounts, users, devices, roles and files the simulator starts with. JSON; sim/example.json
// shows every key, doc/sim.md explains them. Access keys are made at start and stand in no file.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "state.h"

#include <string_view>

namespace sim {

/// Errors name the account, user or role. An unknown key is an error.
base::Result<State> parse_seed(std::string_view text, base::Instant now);

}  // namespace sim
