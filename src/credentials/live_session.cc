#include "credentials/live_session.h"

#include "credentials/sdk_ttl.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace credentials {
namespace {

using base::Duration;

constexpr Duration kPatience{1'500};
constexpr Duration kFirstPause{5'000}, kLongestPause{60'000};
// The machine may have slept, or its clock been set: looked at anew this often.
constexpr Duration kLook{10'000};

}  // namespace

LiveSession::LiveSession(Parts parts, Answer first) : parts_(std::move(parts)) { take(std::move(first)); }

LiveSession::~LiveSession() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void LiveSession::start() {
  thread_ = std::thread([this] { run(); });
}

void LiveSession::take(Answer answer) {
  credentials_ = std::make_shared<const aws::Credentials>(std::move(answer.credentials));
  length_ = left(*credentials_);
}

Duration LiveSession::left(const aws::Credentials& credentials) const {
  if (!credentials.expiration) return Duration::max();
  return *credentials.expiration - (parts_.clock.now() + offset_);
}

// A short session is renewed at its half.
Duration LiveSession::margin() const { return std::min(kSdkMinTtl, length_ / 2); }

void LiveSession::set_clock_offset(Duration offset) {
  const std::lock_guard lock(mutex_);
  offset_ = offset;
}

base::Result<std::shared_ptr<const aws::Credentials>> LiveSession::current() {
  std::unique_lock lock(mutex_);
  if (left(*credentials_) > Duration(0)) return credentials_;
  asked_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, kPatience, [&] { return stops_ || left(*credentials_) > Duration(0) || !asked_; });
  if (left(*credentials_) > Duration(0)) return credentials_;
  if (problem_) return std::unexpected(*problem_);
  return base::fail(base::ErrorKind::expired, "the session has ended and is being renewed", "try again in a moment");
}

Duration LiveSession::renew_where_due() {
  std::unique_lock lock(mutex_);
  const auto now = parts_.clock.monotonic();
  const auto still = left(*credentials_);
  const bool wanted = std::exchange(asked_, false) && still <= Duration(0);
  // Asked for by a request, it is tried before its time, but not at each request of a tool that tries again and again.
  const auto next = last_try_ + (wanted ? std::min(kFirstPause, pause_) : pause_);
  if (still > margin() || now < next) {
    changed_.notify_all();
    return std::clamp(still > margin() ? still - margin() : next - now, Duration(1), kLook);
  }
  auto request = parts_.request();
  request.min_ttl = margin();
  const auto before = credentials_->expiration;
  lock.unlock();
  auto answer = parts_.source.get(std::move(request));
  lock.lock();
  const bool worked = answer.has_value();
  const bool gained = worked && answer->credentials.expiration != before;
  if (worked) take(std::move(*answer));
  if (!worked && (!problem_ || problem_->what != answer.error().what))
    parts_.note("the session could not be renewed: " + answer.error().what +
                (answer.error().hint.empty() ? "" : " (" + answer.error().hint + ")"));
  if (worked && problem_) parts_.note("the session is renewed again");
  problem_ = worked ? std::nullopt : std::optional(answer.error());
  last_try_ = parts_.clock.monotonic();
  pause_ = gained ? Duration(0) : std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  changed_.notify_all();
  return Duration(1);
}

void LiveSession::run() {
  while (true) {
    const auto pause = renew_where_due();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause, [&] { return stops_ || asked_; });
    if (stops_) return;
  }
}

}  // namespace credentials
