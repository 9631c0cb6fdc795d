// Judging an end that AWS stamped by a clock that is not AWS's: what is remembered of both clocks when the end was
// told, and how long it is still to go.
#pragma once

#include "base/clock.h"

namespace credentials {

struct ClockThen {
  base::Instant boot;        // this machine's clock minus its monotonic one: changes when the clock is set
  base::Duration offset{0};  // AWS's clock minus ours
};

ClockThen clock_then(const base::Clock& clock, base::Duration offset);

/// How long until `end`, in AWS's time; negative or zero: it has come. Where our clock has been set since, the earlier
/// of the two possible ends counts.
base::Duration time_until(base::Instant end, const ClockThen& then, const base::Clock& clock);

}  // namespace credentials
