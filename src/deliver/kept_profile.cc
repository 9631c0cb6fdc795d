#include "deliver/kept_profile.h"

#include "deliver/renewal.h"
#include "deliver/served_credentials.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace deliver {
namespace {

using base::Duration;

// The wall clock is looked at this often: a machine that has slept says so to nobody.
constexpr Duration kLongestTurn{10'000};
// A fetching that takes longer has met somebody who never answers.
constexpr Duration kLongestRenewal = std::chrono::minutes{5};

class ProfileKeeper {
 public:
  ProfileKeeper(TemporaryProfile& profile, Lease lease, const std::vector<std::string>& renewal,
                const std::string& region, base::Clock& clock, const base::Environment& environment,
                const KeeperNotes& notes)
      : profile_(profile),
        credentials_(std::move(lease), clock),
        words_(renewal),
        region_(region),
        clock_(clock),
        environment_(environment),
        notes_(notes) {}

  void run(int ends);

 private:
  Duration start_what_is_due();
  void finish();
  void tell(base::Error error);

  TemporaryProfile& profile_;
  ServedCredentials credentials_;
  const std::vector<std::string>& words_;
  const std::string& region_;
  base::Clock& clock_;
  const base::Environment& environment_;
  const KeeperNotes& notes_;
  std::optional<Renewal> renewal_;
  Duration started_{0};
  std::vector<std::string> told_;
};

void ProfileKeeper::tell(base::Error error) {
  if (std::ranges::find(told_, error.what) == told_.end()) {
    told_.push_back(error.what);
    notes_.error(error);
  }
  credentials_.failed(std::move(error));
}

/// How long until it should be called again.
Duration ProfileKeeper::start_what_is_due() {
  if (renewal_) {
    if (clock_.monotonic() - started_ >= kLongestRenewal) renewal_->kill();
    return kLongestTurn;
  }
  const auto due = credentials_.until_renewal();
  if (!due || *due > Duration::zero()) return std::min(due.value_or(kLongestTurn), kLongestTurn);
  auto started = Renewal::start(words_, environment_);
  started_ = clock_.monotonic();
  if (started)
    renewal_.emplace(std::move(*started));
  else
    tell(base::with_context(std::move(started).error(), "renew the profile"));
  return Duration(1);
}

void ProfileKeeper::finish() {
  auto outcome = renewal_->outcome();
  renewal_.reset();
  if (!outcome) return tell(base::with_context(std::move(outcome).error(), "renew the profile"));
  for (const auto& text : outcome->warnings) {
    if (std::ranges::find(told_, text) != told_.end()) continue;
    told_.push_back(text);
    notes_.warning(text);
  }
  if (auto written = profile_.write(outcome->credentials, region_); !written)
    return tell(base::with_context(std::move(written).error(), "renew the profile"));
  const bool is_newer = outcome->credentials.expiration != credentials_.lease().credentials.expiration;
  if (is_newer && outcome->warnings.empty()) told_.clear();
  credentials_.renewed(std::move(*outcome));
}

void ProfileKeeper::run(int ends) {
  for (;;) {
    const auto turn = start_what_is_due();
    std::array<pollfd, 2> waiting{{{ends, POLLIN, 0}, {renewal_ ? renewal_->pidfd() : -1, POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), static_cast<int>(turn.count())) <= 0) continue;
    if (waiting[0].revents != 0) return;
    if (waiting[1].revents != 0) finish();
  }
}

}  // namespace

void keep_profile(TemporaryProfile& profile, Lease lease, const std::vector<std::string>& renewal,
                  const std::string& region, int ends, base::Clock& clock, const base::Environment& environment,
                  const KeeperNotes& notes) {
  ProfileKeeper(profile, std::move(lease), renewal, region, clock, environment, notes).run(ends);
}

}  // namespace deliver
