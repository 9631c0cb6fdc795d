// Whatever stands in the variables, an endpoint is refused or its host is one of AWS's for that very region, or the
// configured URL; http goes nowhere but to loopback.
#include "aws/endpoint.h"
#include "aws/partition.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_aws_url(std::string_view url) {
  check(url.starts_with("https://"));
  url.remove_prefix(8);
  check(std::ranges::all_of(
      url, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }));
  check(std::ranges::any_of(aws::partitions(), [&](const aws::Partition& partition) {
    return url.ends_with("." + std::string(partition.dns_suffix)) ||
           url.ends_with("." + std::string(partition.dual_stack_suffix));
  }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string region = "AWS_REGION=" + std::string(text);
  const std::string url = "AWS_ENDPOINT_URL=" + std::string(text);
  const std::string_view fips = (data[0] & 1) != 0 ? "AWS_USE_FIPS_ENDPOINT=true" : "A=";
  const std::string_view dual_stack = (data[0] & 2) != 0 ? "AWS_USE_DUALSTACK_ENDPOINT=true" : "A=";
  for (const auto service : {aws::Service::sts, aws::Service::iam, aws::Service::sso, aws::Service::sso_oidc}) {
    const base::Environment with_region = {region, fips, dual_stack};
    if (const auto endpoint = aws::resolve_endpoint(service, {.environment = with_region}))
      check_aws_url(endpoint->url);
    const base::Environment with_url = {url};
    if (const auto endpoint = aws::resolve_endpoint(service, {.environment = with_url})) {
      if (endpoint->origin.empty()) check_aws_url(endpoint->url);
      check(endpoint->url.starts_with("https://") || aws::is_loopback_url(endpoint->url));
      check(endpoint->needs_notice == (!endpoint->origin.empty() && !aws::is_loopback_url(endpoint->url)));
      check(endpoint->url.find_first_of("@?#\\ \r\n\t%") == std::string::npos);
    }
  }
  return 0;
}
