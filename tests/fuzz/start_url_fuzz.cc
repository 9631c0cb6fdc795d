// Start URLs and the hosts of portals: what resolves leads to https on a host of AWS and to a region that is one; the
// text is the redirect's target and the configured URL in turn.
#include "aws/partition.h"
#include "aws/sso_start_url.h"
#include "http/url.h"
#include "service_for_fuzz.h"

#include <string>
#include <vector>

namespace {

struct Redirect final : http::Client {
  explicit Redirect(std::string_view to) : target(to) {}
  base::Result<http::Response> send(const http::Request& request, const http::Limits& /*limits*/) override {
    if (!http::parse_url(request.url)) std::abort();
    return http::Response{302, {{"Location", target}}, {}};
  }
  std::string target;
};

void check(const base::Result<aws::StartUrl>& resolved) {
  if (!resolved) {
    check_error(resolved.error());
    return;
  }
  const auto& got = *resolved;
  const auto url = http::parse_url(got.url);
  if (!url || url->scheme != http::Scheme::https || !aws::is_aws_sso_host(url->host)) std::abort();
  if (!aws::check_region(got.region, "")) std::abort();
  if (aws::normalized_start_url(got.url) != got.url) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Redirect http(text);
  check(aws::resolve_start_url(http, "https://aws.mycompany.com/", "eu-west-1"));
  check(aws::resolve_start_url(http, text, ""));
  if (const auto region = aws::region_of_sso_host(text)) {
    if (!aws::is_aws_sso_host(text) || !aws::check_region(*region, "")) std::abort();
  }
  return 0;
}
