#include "credentials/pacer.h"

#include <algorithm>
#include <cmath>

namespace credentials {
namespace {

// Calls a second, or their growth with each call that succeeds. The figures were chosen by trying servers of 5 to 50
// calls a second with buckets of 5 to 50: less than 5 % of the calls refused, less than 3 % of the time lost.
constexpr double kLeastRate = 0.2;
constexpr double kMostRate = 500;
constexpr double kEagerStep = 0.5;
constexpr double kSeekingStep = 0.2;
constexpr double kSeekingShare = 0.02;
constexpr double kGentleStep = 0.005;
constexpr double kGentleShare = 0.001;
constexpr double kCut = 0.7;
constexpr double kKeep = 0.97;
// A server whose bucket ran over lets more through than was measured; so much of the difference is believed.
constexpr double kBelieved = 0.2;
constexpr std::uint64_t kMeasuredCalls = 16;
// Undisturbed for so long, the gentle step doubles, four times at most.
constexpr double kPatience = 15'000;
constexpr double kMostDoublings = 4;
// A start that came late is caught up with, by so many calls.
constexpr double kCatchUp = 2;
// What a server may ask for.
constexpr base::Duration kLongestWish{60'000};

double number(base::Duration duration) { return static_cast<double>(duration.count()); }

}  // namespace

base::Duration Pacer::wait(base::Duration now) const {
  return base::Duration(static_cast<base::Duration::rep>(std::ceil(std::max(0.0, next_start_ - number(now)))));
}

void Pacer::started(base::Duration now) {
  const double interval = 1000 / rate_;
  next_start_ = std::max(next_start_, number(now) - kCatchUp * interval) + interval;
}

void Pacer::succeeded(base::Duration now) {
  ++succeeded_;
  switch (phase_) {
    case Phase::eager:
      rate_ += kEagerStep;
      break;
    case Phase::seeking:
      rate_ += std::min(kSeekingStep, kSeekingShare * rate_);
      break;
    case Phase::settled: {
      const double doublings = std::min(kMostDoublings, (number(now) - last_cut_) / kPatience);
      rate_ += std::min(kGentleStep, kGentleShare * rate_) * std::exp2(doublings);
      break;
    }
  }
  rate_ = std::min(rate_, kMostRate);
}

std::optional<double> Pacer::measured(double now) const {
  if (phase_ == Phase::eager || succeeded_ < succeeded_then_ + kMeasuredCalls || now <= measured_from_)
    return std::nullopt;
  return static_cast<double>(succeeded_ - succeeded_then_) * 1000 / (now - measured_from_);
}

void Pacer::refused(base::Duration now, base::Duration started, std::optional<base::Duration> wish) {
  const double time = number(now);
  // Calls that were on their way when the rate was cut say nothing new.
  const bool is_new = number(started) >= last_cut_;
  const double asked = wish ? number(std::clamp(*wish, base::Duration(0), kLongestWish)) : 0;
  if (is_new) {
    if (const auto estimate = measured(time)) {
      const double believed = std::min(rate_, *estimate + kBelieved * (rate_ - *estimate));
      rate_ = std::max(kKeep * believed, rate_ / 2);
      phase_ = Phase::settled;
    } else {
      rate_ *= kCut;
      if (phase_ == Phase::eager) phase_ = Phase::seeking;
    }
    rate_ = std::max(rate_, kLeastRate);
    last_cut_ = time;
    succeeded_then_ = succeeded_;
    measured_from_ = time + asked;
  }
  next_start_ = std::max(next_start_, time + std::max(asked, 1000 / rate_));
}

}  // namespace credentials
