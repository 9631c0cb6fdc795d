#include "aws/imds.h"

#include "aws/metadata_attempts.h"
#include "aws/metadata_reply.h"
#include "aws/reply_credentials.h"
#include "base/text.h"
#include "http/url.h"

#include <array>

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;
using base::fail;

constexpr std::string_view kTokenPath = "/latest/api/token";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
// Long enough for the two questions that follow, attempts included; what is short-lived is little worth stealing.
constexpr std::string_view kTokenSeconds = "300";
constexpr std::size_t kLongestToken = 4096;
constexpr Duration kPause{200};
// botocore's: what ends within ten minutes and a chance of two to ten more counts as not renewed in time.
constexpr Duration kRefreshWindow{600'000};
constexpr Duration kLeastSpread{120'000};
constexpr Duration kMostSpread{600'000};

bool starts_object(const secret::Bytes& body) {
  return body.reveal_text([](std::string_view text) { return base::trim_lines(text).starts_with('{'); });
}

}  // namespace

base::Instant stable_end(base::Instant end, base::Instant now, Duration window) {
  return end - now <= window ? now + window : end;
}

std::string Imds::where() const {
  return "the instance metadata service at " + settings_.endpoint.value + " (" + settings_.endpoint.origin + ")";
}

/// Goes on without a token where version 1 was asked for.
base::Result<void> Imds::without_token(const std::string& why, base::Error error) {
  if (settings_.v1) {
    notice_ = "IMDSv1 was used, as " + settings_.v1->origin + " allows: " + why;
    return {};
  }
  return std::unexpected(std::move(error));
}

base::Result<void> Imds::take_token() {
  auto request = metadata_request("PUT", settings_.endpoint.value + std::string(kTokenPath));
  request.headers.push_back({"x-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenSeconds)});
  auto response =
      attempted({settings_.each, settings_.attempts, kPause}, clock_, [&]() -> base::Result<http::Response> {
        auto got = TRY(send_once(http_, request, settings_.each));
        if (got.status >= 500 || got.status == 429) return std::unexpected(metadata_refusal(std::move(got), {}));
        return got;
      });
  if (!response) {
    base::Error error = std::move(response).error();
    if (error.kind == ErrorKind::unreachable && reach_ == Reach::through_a_container)
      error.hint =
          "from a container the answer needs a hop limit of 2: run aws ec2 modify-instance-metadata-options "
          "--instance-id ID --http-put-response-hop-limit 2";
    return without_token("no answer to the request for a token", std::move(error));
  }
  if (response->status == 200) {
    token_ = std::move(response->body);
    if (token_.size() > kLongestToken || !token_.reveal_text(is_plain_secret))
      return fail(ErrorKind::failure, "the reply to the request for a token is not as documented");
    return {};
  }
  const std::string status = "HTTP " + std::to_string(response->status);
  if (response->status == 403 || response->status == 404 || response->status == 405)
    return without_token(
        "the request for a token got " + status,
        {response->status == 403 ? ErrorKind::denied : ErrorKind::refused,
         "it gives no IMDSv2 token (" + status + "), and IMDSv1 is not used unless asked for",
         "where only IMDSv1 is there, set ec2_metadata_v1_disabled = false or AWS_EC2_METADATA_V1_DISABLED=false"});
  return std::unexpected(base::with_context(metadata_refusal(std::move(*response), {}), "request a token"));
}

base::Result<http::Response> Imds::get_once(const std::string& path) {
  auto request = metadata_request("GET", settings_.endpoint.value + path);
  if (!token_.empty()) request.secret_headers.push_back({"x-aws-ec2-metadata-token", token_.clone()});
  return send_once(http_, request, settings_.each);
}

/// The body of a success that is not empty; the token is taken anew where it has ended.
base::Result<secret::Bytes> Imds::get(const std::string& path) {
  auto response = TRY(get_once(path));
  if (response.status == 401 && !token_.empty()) {
    TRY(take_token());
    response = TRY(get_once(path));
  }
  const std::array<const secret::Bytes*, 1> sent{&token_};
  if (response.status != 200) return std::unexpected(metadata_refusal(std::move(response), sent));
  if (response.body.empty()) return fail(ErrorKind::unreachable, "it answered with nothing");
  return std::move(response.body);
}

base::Result<InstanceCredentials> Imds::ask() {
  TRY(take_token());
  const Patience patience{settings_.each, settings_.attempts, kPause};
  auto list = attempted(patience, clock_, [&] { return get(std::string(kRolePath)); });
  if (!list && list.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::not_found, "no role is attached to this instance",
                "attach an instance profile to it: run aws ec2 associate-iam-instance-profile");
  if (!list) return std::unexpected(std::move(list).error());
  InstanceCredentials out;
  out.role = TRY(read_role_name(*list));
  const auto fetch = [&]() -> base::Result<Credentials> {
    auto body = TRY(get(std::string(kRolePath) + out.role));
    if (!starts_object(body)) return fail(ErrorKind::unreachable, "it answered with no JSON");
    const std::array<const secret::Bytes*, 1> sent{&token_};
    return read_metadata_credentials(std::move(body), sent);
  };
  out.credentials = TRY(attempted(patience, clock_, fetch));
  return out;
}

base::Result<InstanceCredentials> Imds::credentials() {
  auto got = ask();
  if (!got) return std::unexpected(base::with_context(std::move(got).error(), where()));
  got->notice = std::move(notice_);
  // Another service in its place (an emulator, kabuto itself) serves credentials that do end.
  const auto url = http::parse_url(settings_.endpoint.value);
  if (!url || !http::is_metadata_host(url->host)) return got;
  auto& end = *got->credentials.expiration;
  const auto window = kRefreshWindow + kLeastSpread + jitter_.up_to(kMostSpread - kLeastSpread);
  if (const auto later = stable_end(end, clock_.now(), window); later != end) {
    got->notice += (got->notice.empty() ? "" : "; ") + where() + " still serves credentials of " + got->role +
                   " that end at " + base::iso8601(end) +
                   ": AWS takes them while it cannot renew them, so they are used until " + base::iso8601(later);
    end = later;
  }
  return got;
}

}  // namespace aws
