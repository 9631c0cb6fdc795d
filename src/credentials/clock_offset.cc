#include "credentials/clock_offset.h"

#include <algorithm>

namespace credentials {
namespace {

// Two readings of an unchanged clock differ by this much at most.
constexpr base::Duration kClockReading{5'000};

}  // namespace

ClockThen clock_then(const base::Clock& clock, base::Duration offset) {
  return {clock.now() - clock.monotonic(), offset};
}

base::Duration time_until(base::Instant end, const ClockThen& then, const base::Clock& clock) {
  const base::Instant now = clock.now();
  const base::Duration moved = (now - clock.monotonic()) - then.boot;
  const bool same_clock = moved <= kClockReading && moved >= -kClockReading;
  const base::Instant by_offset = now + then.offset;
  return end - (same_clock ? by_offset : std::max(now, by_offset));
}

}  // namespace credentials
