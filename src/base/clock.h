// Time. Instants are wall-clock UTC with milliseconds, as AWS sends them; deadlines use the monotonic clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Duration>;

/// The two clocks and the one way to wait; tests bring their own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  /// Time since an arbitrary start; never jumps. For deadlines.
  virtual Duration monotonic() const = 0;
  virtual void sleep(Duration how_long) = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  Duration monotonic() const override;
  void sleep(Duration how_long) override;
};

/// "2030-01-02T03:04:05Z": whole seconds, rounded down.
std::string iso8601(Instant when);
/// "20300102T030405Z", SigV4's form.
std::string basic_iso8601(Instant when);
/// Accepts Z, UTC, +hh:mm and +hhmm offsets and fractions; nullopt for anything else, also for a missing offset.
std::optional<Instant> parse_iso8601(std::string_view text);
/// An HTTP Date header (RFC 9110, IMF-fixdate only); nullopt for anything else.
std::optional<Instant> parse_http_date(std::string_view text);

/// "2h15m", "59m", "45s": two units at most, for people.
std::string human_duration(Duration how_long);
/// "90m", "1h30m", "2h", "3600" (seconds), "3600s"; nullopt for anything else, zero and negative values included.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace base
