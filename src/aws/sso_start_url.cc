#include "aws/sso_start_url.h"

#include "aws/partition.h"
#include "base/text.h"
#include "http/url.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;
using std::string_view;

constexpr base::Duration kPatience{10'000};
constexpr std::size_t kReplyLimit = std::size_t{64} * 1024;
constexpr std::size_t kLongestStartUrl = 2048;

// Where the region of a portal stands: "X.REGION" before the suffix, "X.portal.REGION", or nowhere.
enum class RegionPlace { label, after_portal, none };
struct Suffix {
  string_view text;
  RegionPlace region;
};
constexpr std::array kSuffixes{
    Suffix{".app.aws", RegionPlace::after_portal},
    Suffix{".portal.amazonaws.com", RegionPlace::label},
    Suffix{".portal.amazonaws.com.cn", RegionPlace::label},
    Suffix{".app.amazonwebservices.com.cn", RegionPlace::after_portal},
    Suffix{".portal.amazonaws.eu", RegionPlace::label},
    Suffix{".api.amazonwebservices.eu", RegionPlace::after_portal},
    Suffix{".awsapps.com", RegionPlace::none},
    Suffix{".awsapps.cn", RegionPlace::none},
};
constexpr std::array<string_view, 4> kHosts{"identitycenter.amazonaws.com", "identitycenter.amazonaws.com.cn",
                                            "identitycenter.amazonaws.eu", "identitycenter.us-gov.amazonaws.com"};
constexpr std::array kRedirects{301, 302, 303, 307, 308};

std::string plain_host(string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return base::lower_ascii(host);
}

const Suffix* suffix_of(string_view host) {
  const auto found = std::ranges::find_if(
      kSuffixes, [&](const Suffix& suffix) { return host == suffix.text.substr(1) || host.ends_with(suffix.text); });
  return found == kSuffixes.end() ? nullptr : &*found;
}

/// "eu-central-1", "us-gov-west-1", "eusc-de-east-1": words, then a number.
bool is_region_name(string_view text) {
  const auto parts = base::split(text, '-');
  const auto all_of = [](string_view part, char low, char high) {
    return !part.empty() && std::ranges::all_of(part, [&](char c) { return c >= low && c <= high; });
  };
  return parts.size() >= 3 && check_region(text, "the start URL") && all_of(parts.back(), '0', '9') &&
         std::ranges::all_of(parts.begin(), parts.end() - 1, [&](string_view part) { return all_of(part, 'a', 'z'); });
}

std::string normalized(const http::Url& url) {
  const bool is_https = url.scheme == http::Scheme::https;
  const bool is_v6 = url.host.find(':') != std::string::npos;
  std::string out = (is_https ? "https://" : "http://") + (is_v6 ? "[" + url.host + "]" : url.host);
  if (url.port != (is_https ? 443 : 80)) out += ":" + std::to_string(url.port);
  auto path = string_view(url.target).substr(0, url.target.find('?'));
  while (path.ends_with('/')) path.remove_suffix(1);
  return out.append(path);
}

/// Portals are often copied with the fragment of their page, "…/start/#/".
base::Result<http::Url> parse(string_view text) {
  if (text.size() > kLongestStartUrl) return fail(ErrorKind::refused, "it is longer than 2048 bytes");
  return http::parse_url(text.substr(0, text.find('#')));
}

base::Result<StartUrl> with_region(const http::Url& url, string_view configured_region) {
  StartUrl out{normalized(url), region_of_sso_host(url.host).value_or(std::string(configured_region))};
  if (out.region.empty())
    return fail(ErrorKind::failure, "the start URL " + base::printable(out.url) + " does not say its region",
                "set sso_region beside sso_start_url in the config file");
  TRY(check_region(out.region, "sso_region"));
  return out;
}

base::Result<http::Response> ask(http::Client& http, const std::string& url) {
  http::Request request;
  request.url = url;
  http::Limits limits;
  limits.total = kPatience;
  limits.reply_bytes = kReplyLimit;
  for (const auto* method : {"HEAD", "GET"}) {
    request.method = method;
    auto response = TRY(http.send(request, limits));
    if (request.method == "GET" || (response.status != 405 && response.status != 501)) return response;
  }
  std::unreachable();
}

/// Where a company's own name leads.
base::Result<http::Url> followed(http::Client& http, const http::Url& url) {
  const auto from = normalized(url);
  const auto response = TRY(ask(http, from));
  const auto location = response.header("location");
  if (std::ranges::find(kRedirects, response.status) == kRedirects.end() || !location)
    return fail(ErrorKind::failure,
                "the start URL " + base::printable(from) + " is no portal of AWS and leads to none (HTTP " +
                    std::to_string(response.status) + ")",
                "check sso_start_url: it looks like https://d-1234567890.awsapps.com/start");
  auto target = parse(*location);
  if (!target || target->scheme != http::Scheme::https || !is_aws_sso_host(target->host))
    return fail(ErrorKind::refused, "the start URL " + base::printable(from) + " leads to " +
                                        base::printable(*location) + ", which is no portal of AWS");
  return target;
}

}  // namespace

bool is_aws_sso_host(string_view host) {
  const auto name = plain_host(host);
  return std::ranges::find(kHosts, name) != kHosts.end() || suffix_of(name) != nullptr;
}

std::optional<std::string> region_of_sso_host(string_view host) {
  const auto name = plain_host(host);
  const auto* const suffix = suffix_of(name);
  if (suffix == nullptr || suffix->region == RegionPlace::none || name.size() <= suffix->text.size())
    return std::nullopt;
  const auto labels = base::split(string_view(name).substr(0, name.size() - suffix->text.size()), '.');
  const bool in_place = suffix->region == RegionPlace::label
                            ? labels.size() >= 2
                            : labels.size() >= 3 && labels[labels.size() - 2] == "portal";
  if (!in_place || !is_region_name(labels.back())) return std::nullopt;
  return std::string(labels.back());
}

base::Result<std::string> normalized_start_url(string_view text) { return normalized(TRY(parse(text))); }

base::Result<StartUrl> resolve_start_url(http::Client& http, string_view configured, string_view region) {
  if (!region.empty()) TRY(check_region(region, "sso_region"));
  auto url = parse(configured);
  if (!url) return std::unexpected(base::with_context(std::move(url).error(), "sso_start_url"));
  if (url->scheme != http::Scheme::https && !http::is_loopback_host(url->host))
    return fail(ErrorKind::refused, "the start URL " + base::printable(normalized(*url)) + " is not https",
                "use an https:// URL for sso_start_url");
  if (is_aws_sso_host(url->host)) return with_region(*url, region);
  const auto target = TRY(followed(http, *url));
  return with_region(target, region);
}

}  // namespace aws
