#include "agent/keeper.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace agent {
namespace {

using base::Duration;

// Less than this apart, the two clocks may merely have been read one after the other.
constexpr Duration kNoSleep{2'000};

/// By the clock that has gone further: one that was set back hides nothing.
Duration gone(const Times& from, const Times& to) { return std::max(to.boot - from.boot, to.wall - from.wall); }

}  // namespace

Times times_now() {
  const base::SystemClock clock;
  timespec awake{};
  clock_gettime(CLOCK_MONOTONIC, &awake);
  return {clock.now(), clock.monotonic(),
          std::chrono::duration_cast<Duration>(std::chrono::seconds{awake.tv_sec} +
                                               std::chrono::nanoseconds{awake.tv_nsec})};
}

void Keeper::unlock(std::string store_id, secret::DataKey key, Times now) {
  held_.emplace(std::move(store_id), std::move(key), now, now);
  last_ = now;
  why_.clear();
}

void Keeper::lock(std::string_view why) {
  held_.reset();
  why_ = why;
}

Duration Keeper::idle_left(Times now) const { return holds_ > 0 ? kIdleLimit : kIdleLimit - gone(held_->used, now); }
Duration Keeper::hard_left(Times now) const { return kHardLimit - gone(held_->given, now); }

bool Keeper::look(Times now) {
  const Duration slept = (now.boot - last_.boot) - (now.awake - last_.awake);
  last_ = now;
  if (!held_) return false;
  if (slept > kNoSleep)
    lock("the machine slept");
  else if (hard_left(now) <= Duration::zero())
    lock("it was unlocked 12 hours ago");
  else if (idle_left(now) <= Duration::zero())
    lock("it was not used for 10 minutes");
  return !held_;
}

void Keeper::used(Times now) {
  if (held_) held_->used = now;
}

void Keeper::drop_hold(Times now) {
  --holds_;
  if (holds_ == 0) used(now);
}

std::optional<Duration> Keeper::left(Times now) const {
  if (!held_) return std::nullopt;
  return std::max(Duration::zero(), holds_ > 0 ? hard_left(now) : std::min(idle_left(now), hard_left(now)));
}

}  // namespace agent
