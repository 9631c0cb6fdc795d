// Finds the rate that a server allows and keeps all callers to it: eager at first, slower for everybody at a refusal,
// then up again gently. Pure: it is told the time and waits for nobody. Not for use by two threads at once.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>

namespace credentials {

class Pacer {
 public:
  /// How long until the next call may start; zero: now.
  base::Duration wait(base::Duration now) const;
  void started(base::Duration now);
  void succeeded(base::Duration now);
  /// A refusal for the rate, of a call that had started at `started`. `wish`: the server's Retry-After.
  void refused(base::Duration now, base::Duration started, std::optional<base::Duration> wish);
  /// Calls a second.
  double rate() const { return rate_; }

 private:
  /// What the server let through between the last two times that it was empty: the rate it fills at.
  std::optional<double> measured(double now) const;

  enum class Phase : std::uint8_t { eager, seeking, settled };
  Phase phase_ = Phase::eager;
  double rate_ = 30;
  double next_start_ = 0;  // milliseconds, as all times here
  double last_cut_ = -1;
  std::uint64_t succeeded_ = 0;
  double measured_from_ = 0;  // the end of the last pause
  std::uint64_t succeeded_then_ = 0;
};

}  // namespace credentials
