#include "aws/imds_settings.h"

#include "base/text.h"
#include "http/url.h"

#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kIpv4 = "http://169.254.169.254";
constexpr std::string_view kIpv6 = "http://[fd00:ec2::254]";
constexpr std::int64_t kMostSeconds = 60;
constexpr std::int64_t kMostAttempts = 10;

base::Result<int> number(const SettingSources& from, std::string_view variable, std::string_view key, int otherwise,
                         std::int64_t most) {
  const auto choice = chosen(from, {variable}, key);
  if (!choice) return otherwise;
  const auto value = base::parse_integer(choice->value);
  if (!value || *value < 1 || *value > most)
    return fail(ErrorKind::refused,
                std::string(key) + " must be a number from 1 to " + std::to_string(most) + " (" + choice->origin + ")");
  return static_cast<int>(*value);
}

base::Result<Choice> endpoint(const SettingSources& from) {
  if (auto url = chosen(from, {"AWS_EC2_METADATA_SERVICE_ENDPOINT"}, "ec2_metadata_service_endpoint")) {
    if (auto parsed = http::parse_url(url->value); !parsed)
      return std::unexpected(
          base::with_context(std::move(parsed).error(), "ec2_metadata_service_endpoint (" + url->origin + ")"));
    while (url->value.ends_with('/')) url->value.pop_back();
    return *url;
  }
  if (const auto mode =
          chosen(from, {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"}, "ec2_metadata_service_endpoint_mode")) {
    if (base::equals_ignoring_case(mode->value, "IPv4")) return Choice{std::string(kIpv4), mode->origin};
    if (base::equals_ignoring_case(mode->value, "IPv6")) return Choice{std::string(kIpv6), mode->origin};
    return fail(ErrorKind::refused,
                "ec2_metadata_service_endpoint_mode is neither IPv4 nor IPv6 (" + mode->origin + ")");
  }
  if (const auto ipv6 = TRY(chosen_flag(from, "AWS_IMDS_USE_IPV6", "imds_use_ipv6")); ipv6 && ipv6->on)
    return Choice{std::string(kIpv6), ipv6->origin};
  return Choice{std::string(kIpv4), "the default"};
}

}  // namespace

base::Result<ImdsSettings> imds_settings(const SettingSources& from) {
  ImdsSettings out;
  out.endpoint = TRY(endpoint(from));
  if (const auto disabled = TRY(chosen_flag(from, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"));
      disabled && !disabled->on)
    out.v1 = Choice{"false", disabled->origin};
  out.each = std::chrono::seconds(
      TRY(number(from, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1, kMostSeconds)));
  out.attempts = TRY(
      number(from, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", out.attempts, kMostAttempts));
  return out;
}

bool imds_is_disabled(const base::Environment& environment) {
  return base::equals_ignoring_case(environment.get("AWS_EC2_METADATA_DISABLED").value_or(""), "true");
}

}  // namespace aws
