#include "base/clock_changes.h"

#include <sys/timerfd.h>

#include <limits>

namespace base {

Descriptor clock_changes() {
  // A timer that never fires, but is cancelled then.
  Descriptor timer(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max() / 2;
  (void)timerfd_settime(timer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
  return timer;
}

}  // namespace base
