// The state, its checks and its clock in one place, as every call needs them.
#pragma once

#include "base/clock.h"
#include "checks.h"
#include "state.h"

#include <optional>

namespace sim {

struct World {
  State state;
  Checks checks;
  const base::Clock& clock;
  base::Duration clock_offset{0};                            // the simulator's clock is this much ahead
  std::optional<base::Duration> unknown_key = std::nullopt;  // a fault's word on how long new keys stay unknown

  std::optional<base::Duration> machine_credentials =
      std::nullopt;  // a fault's word on how long those of machines live

  base::Instant now() const { return clock.now() + clock_offset; }
};

/// What the log shall say about a call besides its parameters.
struct Notes {
  std::string principal;  // who calls, where no signature says so
  std::string role;       // ARN of the role assumed
  std::string mfa;        // serial number of the device whose code was accepted
  std::optional<std::int64_t> duration_seconds;
};

}  // namespace sim
