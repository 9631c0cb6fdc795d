// "The machine is about to sleep", from logind over the system's D-Bus. libsystemd is loaded when the agent starts and
// never later; without it, or without a bus, the agent still sees at wake that the machine slept (keeper.h).
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace agent {

/// Who tells; tests bring their own.
class SleepSignal {
 public:
  virtual ~SleepSignal() = default;
  /// To be polled for events(); negative: nothing to poll.
  virtual int fd() const = 0;
  virtual short events() const = 0;
  /// To be called when the descriptor is ready, and once before the first poll.
  virtual void process() = 0;
  /// Empty while it works; else what is wrong.
  virtual std::string problem() const = 0;
};

/// logind's. It calls `lock` before each sleep, and the machine waits for that (for five seconds, says logind).
std::unique_ptr<SleepSignal> login1_sleep_signal(std::function<void()> lock);

}  // namespace agent
