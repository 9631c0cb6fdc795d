// A clock that moves only when somebody sleeps on it, and remembers for how long. Only tests include it.
#pragma once

#include "base/clock.h"

#include <vector>

namespace base {

class FakeClock final : public Clock {
 public:
  Instant now() const override { return start + gone; }
  Duration monotonic() const override { return gone; }
  void sleep(Duration how_long) override {
    gone += how_long;
    slept.push_back(how_long);
  }

  Instant start = *parse_iso8601("2030-01-01T00:00:00Z");
  Duration gone{0};
  std::vector<Duration> slept;
};

}  // namespace base
