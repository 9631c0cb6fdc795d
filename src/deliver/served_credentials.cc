#include "deliver/served_credentials.h"

#include "credentials/sdk_ttl.h"

#include <algorithm>
#include <utility>

namespace deliver {
namespace {

using base::Duration;

// One second more, so that what is renewed then has less left than is wanted.
constexpr Duration kEarly = credentials::kSdkMinTtl - std::chrono::seconds{1};
// Where a session is too short for that.
constexpr Duration kLate = std::chrono::minutes{5} - std::chrono::seconds{1};
// Between a renewal that brought nothing longer and the next one.
constexpr Duration kAfterNothingNew{30'000};
constexpr Duration kFirstPause{5'000};
constexpr Duration kLongestPause{60'000};
constexpr Duration kPauseWhenWanted{2'000};

}  // namespace

ServedCredentials::ServedCredentials(Lease lease, const base::Clock& clock) : clock_(clock) { take(std::move(lease)); }

void ServedCredentials::take(Lease lease) {
  const bool is_newer = generation_ == 0 || lease.credentials.expiration != lease_.credentials.expiration;
  lease_ = std::move(lease);
  if (lease_.left) {
    if (is_newer) renewed_below_ = *lease_.left > kEarly ? kEarly : *lease_.left > kLate ? kLate : *lease_.left / 2;
    ends_ = clock_.now() + *lease_.left;
    ends_monotonic_ = clock_.monotonic() + *lease_.left;
  }
  ++generation_;
}

std::optional<Duration> ServedCredentials::left() const {
  if (!lease_.left) return std::nullopt;
  return std::min(ends_ - clock_.now(), ends_monotonic_ - clock_.monotonic());
}

bool ServedCredentials::is_live() const {
  const auto left = this->left();
  return !left || *left > Duration::zero();
}

void ServedCredentials::renewed(Lease lease) {
  const bool is_newer = lease.credentials.expiration != lease_.credentials.expiration;
  take(std::move(lease));
  failure_.reset();
  tried_ = clock_.monotonic();
  pause_ = is_newer ? Duration::zero() : kAfterNothingNew;
}

void ServedCredentials::failed(base::Error error) {
  failure_ = std::move(error);
  ++generation_;
  tried_ = clock_.monotonic();
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
}

void ServedCredentials::want() {
  if (!is_live()) pause_ = std::min(pause_, kPauseWhenWanted);
}

std::optional<Duration> ServedCredentials::until_renewal() const {
  const auto left = this->left();
  if (!left) return std::nullopt;
  const Duration due = *left - renewed_below_;
  const Duration rest = tried_ + pause_ - clock_.monotonic();
  // After a failure the way to the next deadline is walked in pauses, from the first deadline on.
  if (failure_) return std::max(rest, Duration::zero());
  return std::max({due, rest, Duration::zero()});
}

}  // namespace deliver
