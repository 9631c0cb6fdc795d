#include "aws/client.h"

#include "aws/service_error.h"
#include "aws/sigv4.h"
#include "base/text.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;

constexpr int kMostAttempts = 3;
constexpr Duration kTotalTime{30'000};
constexpr Duration kLongestPause{20'000};
// As botocore's standard mode of 2026: throttling backs off from a second, all else from 50 ms.
constexpr Duration kThrottlingBase{1'000};
constexpr Duration kTransientBase{50};
// A server's own wish is followed, but at most this much past our own figure.
constexpr Duration kServerWishMargin{5'000};
// The Date header counts whole seconds and the reply was some time on its way.
constexpr Duration kDateResolution{2'000};
// What a merely wrong signature must differ by before the clock is suspected, as AWS's SDKs have it.
constexpr Duration kSuspiciousSkew{4 * 60 * 1'000};

std::optional<Duration> server_wish(const http::Response& response) {
  if (const auto text = response.header("x-amz-retry-after")) {
    if (const auto value = base::parse_integer(*text); value && *value >= 0 && *value < 1'000'000'000)
      return Duration(*value);
  }
  if (const auto text = response.header("retry-after")) {
    if (const auto value = base::parse_integer(*text); value && *value >= 0 && *value < 1'000'000)
      return std::chrono::seconds(*value);
  }
  return std::nullopt;
}

Duration pause_before(int next_attempt, bool throttled, std::optional<Duration> wish, Jitter& jitter) {
  const auto base = throttled ? kThrottlingBase : kTransientBase;
  auto pause = jitter.up_to(std::min(kLongestPause, base * (1 << (next_attempt - 1))));
  if (wish) pause = std::clamp(*wish, pause, pause + kServerWishMargin);
  return std::min(pause, kLongestPause);
}

base::Error skewed(const ServiceError& refusal, base::Instant here, std::optional<base::Instant> there) {
  auto error = explained(refusal);
  error.kind = ErrorKind::failure;
  error.what = "AWS refuses the time of the signature: this machine's clock says " + base::iso8601(here) +
               (there ? ", AWS's says " + base::iso8601(*there) : ", AWS did not tell its own") + "; " + error.what;
  error.hint = "set the clock: run sudo timedatectl set-ntp true";
  return error;
}

http::Request request_of(const Endpoint& endpoint, const secret::Bytes& body) {
  http::Request request;
  request.method = "POST";
  request.url = endpoint.url.ends_with('/') ? endpoint.url : endpoint.url + "/";
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"});
  request.body = body.clone();
  return request;
}

}  // namespace

Duration RandomJitter::up_to(Duration most) {
  std::uint64_t random = 0;
  // Without randomness there is no spread, and the longest pause is the kindest.
  if (getrandom(&random, sizeof random, 0) != sizeof random) return most;
  return Duration(static_cast<Duration::rep>(random % static_cast<std::uint64_t>(most.count() + 1)));
}

std::optional<base::Instant> Client::measure(const http::Response& response) {
  const auto date = response.header("date");
  const auto there = date ? base::parse_http_date(*date) : std::nullopt;
  if (!there) return std::nullopt;
  const auto offset = *there - clock_.now();
  measured_offset_ = std::chrono::abs(offset) < kDateResolution ? Duration(0) : offset;
  return there;
}

base::Result<secret::Bytes> Client::call(const Endpoint& endpoint, const Credentials& credentials, QueryForm form,
                                         Repeat repeat) {
  const auto body = std::move(form).take();
  const auto deadline = clock_.monotonic() + kTotalTime;
  bool corrected = false;
  for (int attempt = 1;; ++attempt) {
    auto request = request_of(endpoint, body);
    TRY(sign(
        request, credentials,
        {.region = endpoint.signing_region, .service = endpoint.signing_name, .when = clock_.now() + signing_offset_}));
    http::Limits limits;
    limits.total = std::max(deadline - clock_.monotonic(), Duration(1));
    limits.connect = std::min(limits.connect, limits.total);
    auto response = http_.send(request, limits);

    base::Error error;
    bool again = false, throttled = false;
    std::optional<Duration> wish;
    if (!response) {
      error = std::move(response).error();
      again = error.kind == ErrorKind::unreachable && repeat == Repeat::freely;
    } else {
      const auto there = measure(*response);
      if (response->status >= 200 && response->status < 300) return std::move(response->body);
      wish = server_wish(*response);
      const auto refusal = read_service_error(std::move(*response), credentials.session_token);
      const auto skew = clock_skew(refusal);
      const auto off_by = std::chrono::abs(measured_offset_ - signing_offset_);
      if (skew != ClockSkew::no && !corrected && attempt < kMostAttempts &&
          off_by > (skew == ClockSkew::certain ? kDateResolution : kSuspiciousSkew)) {
        signing_offset_ = measured_offset_;
        corrected = true;
        continue;
      }
      if (skew == ClockSkew::certain) return std::unexpected(skewed(refusal, clock_.now(), there));
      throttled = is_throttling(refusal);
      again = throttled || (is_transient(refusal) && repeat == Repeat::freely);
      error = explained(refusal);
    }
    if (!again || attempt >= kMostAttempts) return std::unexpected(std::move(error));
    const auto pause = pause_before(attempt, throttled, wish, jitter_);
    // Our deadline beats the server's wish: a pause that would pass it is not begun.
    if (clock_.monotonic() + pause >= deadline) return std::unexpected(std::move(error));
    clock_.sleep(pause);
  }
}

}  // namespace aws
