// When the watcher of a command says that its credentials end, and what. Pure: it is told the time.
#pragma once

#include "base/clock.h"

#include <cstddef>
#include <optional>
#include <string>

namespace cli {

class EndWarnings {
 public:
  explicit EndWarnings(base::Instant expires) : expires_(expires) {}

  struct Step {
    std::optional<base::Duration> say;  // so much is left; zero or less: they have ended
    base::Duration next{0};             // until there may be something to say, by the wall clock as it runs now
    bool over = false;                  // nothing will ever be said again
  };
  /// To be asked whenever the time may have come or the clock was set. A mark is said once; a clock that was set back
  /// for more than a minute before a mark makes it count anew.
  Step at(base::Instant now);

 private:
  base::Instant expires_;
  std::optional<std::size_t> said_;  // marks; nullopt before the first look
};

/// One line for the person: "kabuto: warning: …".
std::string end_warning(const std::string& profile, base::Duration left);

}  // namespace cli
