#include "cli/end_warnings.h"

#include "base/text.h"
#include "cli/near_end.h"

#include <algorithm>
#include <array>

namespace cli {
namespace {

constexpr std::array kMarks = {kFirstWarning, kLastWarning, base::Duration{0}};
constexpr base::Duration kSetBack = std::chrono::minutes{1};
constexpr std::size_t kShownName = 100;

std::size_t passed(base::Duration left) {
  return static_cast<std::size_t>(std::ranges::count_if(kMarks, [&](auto mark) { return left <= mark; }));
}

}  // namespace

EndWarnings::Step EndWarnings::at(base::Instant now) {
  const base::Duration left = expires_ - now;
  const std::size_t count = passed(left);
  // Who starts a command knows what is left, but for the last minutes.
  if (!said_) said_ = std::min<std::size_t>(count, 1);
  Step step;
  if (count > *said_) step.say = left;
  said_ = std::max(count, std::min(*said_, passed(left - kSetBack)));
  if (*said_ == kMarks.size())
    step.over = true;
  else
    step.next = left - kMarks[*said_];
  return step;
}

std::string end_warning(const std::string& profile, base::Duration left) {
  const std::string name = base::printable(profile, kShownName);
  if (left.count() <= 0)
    return "kabuto: warning: the credentials of " + name + " have ended; for new ones run kabuto exec " + name;
  // Rounded up: 5m, not 4m59s.
  const auto whole = std::chrono::ceil<std::chrono::seconds>(left);
  return "kabuto: warning: the credentials of " + name + " end in " + base::human_duration(whole);
}

}  // namespace cli
