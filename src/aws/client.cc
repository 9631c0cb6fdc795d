#include "aws/client.h"

#include "aws/service_error.h"
#include "aws/sigv4.h"
#include "aws/trace_header.h"
#include "base/text.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

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

http::Request request_of(const Endpoint& endpoint, const UnsignedCall& call) {
  http::Request request;
  request.method = call.method;
  request.url = endpoint.url + call.target;
  if (!call.content_type.empty()) request.headers.push_back({"Content-Type", call.content_type});
  for (const auto& header : call.secret_headers) request.secret_headers.push_back({header.name, header.value.clone()});
  request.body = call.body.clone();
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

struct Client::Plan {
  std::function<base::Result<http::Request>()> request;  // anew for each attempt: a signature has a time
  std::vector<const secret::Bytes*> sent;                // what AWS may quote
  bool is_signed = false;
  Repeat repeat = Repeat::freely;
  Attempts attempts = Attempts::several;
};

base::Result<UnsignedReply> Client::attempt(const Plan& plan) {
  const auto deadline = clock_.monotonic() + kTotalTime;
  const int most = plan.attempts == Attempts::one ? 1 : kMostAttempts;
  bool corrected = false;
  for (int attempt = 1;; ++attempt) {
    auto request = TRY(plan.request());
    add_trace_header(request.headers, environment_);
    http::Limits limits;
    limits.total = std::max(deadline - clock_.monotonic(), Duration(1));
    limits.connect = std::min(limits.connect, limits.total);
    auto response = http_.send(request, limits);

    std::optional<ServiceError> refusal;
    bool again = false, throttled = false;
    if (!response) {
      again = response.error().kind == ErrorKind::unreachable && plan.repeat == Repeat::freely;
    } else {
      const auto there = measure(*response);
      if (response->status >= 200 && response->status < 300) return UnsignedReply(std::move(response->body));
      refusal = read_service_error(std::move(*response), plan.sent);
      const auto skew = plan.is_signed ? clock_skew(*refusal) : ClockSkew::no;
      const auto off_by = std::chrono::abs(measured_offset_ - signing_offset_);
      if (skew != ClockSkew::no && !corrected && attempt < most &&
          off_by > (skew == ClockSkew::certain ? kDateResolution : kSuspiciousSkew)) {
        signing_offset_ = measured_offset_;
        corrected = true;
        continue;
      }
      if (skew == ClockSkew::certain) return std::unexpected(skewed(*refusal, clock_.now(), there));
      throttled = is_throttling(*refusal);
      again = throttled ? plan.attempts != Attempts::unless_throttled
                        : is_transient(*refusal) && plan.repeat == Repeat::freely;
    }
    again = again && attempt < most;
    const auto pause =
        again ? pause_before(attempt, throttled, refusal ? refusal->wish : std::nullopt, jitter_) : Duration(0);
    // Our deadline beats the server's wish: a pause that would pass it is not begun.
    if (!again || clock_.monotonic() + pause >= deadline) {
      if (!refusal) return std::unexpected(std::move(response).error());
      return UnsignedReply(std::unexpected(std::move(*refusal)));
    }
    clock_.sleep(pause);
  }
}

base::Result<secret::Bytes> Client::call(const Endpoint& endpoint, const Credentials& credentials, QueryForm form,
                                         Repeat repeat) {
  const auto body = std::move(form).take();
  Plan plan;
  plan.request = [&]() -> base::Result<http::Request> {
    auto request = request_of(endpoint, body);
    TRY(sign(
        request, credentials,
        {.region = endpoint.signing_region, .service = endpoint.signing_name, .when = clock_.now() + signing_offset_}));
    return request;
  };
  plan.sent = {&credentials.session_token};
  plan.is_signed = true;
  plan.repeat = repeat;
  auto reply = TRY(attempt(plan));
  if (!reply) return std::unexpected(explained(reply.error()));
  return std::move(*reply);
}

base::Result<UnsignedReply> Client::call_unsigned(const Endpoint& endpoint, UnsignedCall call, Repeat repeat,
                                                  Attempts attempts) {
  Plan plan;
  plan.request = [&]() -> base::Result<http::Request> { return request_of(endpoint, call); };
  for (const auto& header : call.secret_headers) plan.sent.push_back(&header.value);
  plan.sent.push_back(&call.body);
  plan.repeat = repeat;
  plan.attempts = attempts;
  return attempt(plan);
}

base::Result<UnsignedReply> Client::call_keyed(const KeyedCall& call, Repeat repeat) {
  Plan plan;
  plan.request = [&] { return call.request(clock_.now() + signing_offset_); };
  plan.sent = call.sent;
  plan.is_signed = true;
  plan.repeat = repeat;
  return attempt(plan);
}

}  // namespace aws
