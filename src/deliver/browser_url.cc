// Where a browser may be sent at all: the form of a URL, then its host. Whoever writes the URL (a server, a config
// file) is not trusted.
#include "base/text.h"
#include "deliver/browser.h"

#include <algorithm>
#include <array>
#include <optional>

namespace deliver {
namespace {

using base::ErrorKind;
using std::string_view;

constexpr std::size_t kLongestUrl = std::size_t{16} * 1024;  // a sign-in token has some kilobytes
constexpr std::size_t kLongestHost = 253;

// AWS's own, in the partitions aws, aws-cn, aws-us-gov and aws-eusc. A star is one label; two are one or more. Never a
// whole suffix under which customers get names (amazonaws.com).
constexpr std::array kAwsHosts = {
    // console and its sign-in
    "console.aws.amazon.com", "**.console.aws.amazon.com", "signin.aws.amazon.com", "*.signin.aws.amazon.com",
    "console.amazonaws.cn", "**.console.amazonaws.cn", "signin.amazonaws.cn", "*.signin.amazonaws.cn",
    "console.amazonaws-us-gov.com", "**.console.amazonaws-us-gov.com", "signin.amazonaws-us-gov.com",
    "*.signin.amazonaws-us-gov.com", "console.amazonaws-eusc.eu", "**.console.amazonaws-eusc.eu",
    "signin.amazonaws-eusc.eu", "*.signin.amazonaws-eusc.eu",
    // Identity Center's portals
    "**.awsapps.com", "**.awsapps.cn", "**.app.aws", "**.portal.amazonaws.com", "**.portal.amazonaws.com.cn",
    "**.app.amazonwebservices.com.cn", "**.portal.amazonaws.eu", "**.api.amazonwebservices.eu",
    "identitycenter.amazonaws.com", "identitycenter.amazonaws.com.cn", "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
    // its authorization endpoint and its page for device codes
    "oidc.*.amazonaws.com", "oidc.*.amazonaws.com.cn", "oidc.*.amazonaws.eu", "oidc-fips.*.amazonaws.com",
    "oidc.*.api.aws", "oidc-fips.*.api.aws", "oidc.*.api.amazonwebservices.com.cn", "device.sso.*.amazonaws.com",
    "device.sso.*.amazonaws.com.cn", "device.sso.*.amazonaws.eu"};

struct Url {
  string_view scheme;
  string_view host;  // without the brackets of IPv6
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_word(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }
bool is_word(char c) { return is_lower_word(c) || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return base::hex_digit(c) >= 0; }

/// The part behind the host. Whatever a shell, a desktop file or a script in between could misread stays outside.
bool is_plain_rest(string_view rest) {
  constexpr string_view kSigns = "-._~:/?#&=%+,";
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!is_word(rest[i]) && kSigns.find(rest[i]) == string_view::npos) return false;
    if (rest[i] == '%' && (i + 2 >= rest.size() || !is_hex(rest[i + 1]) || !is_hex(rest[i + 2]))) return false;
  }
  return true;
}

bool is_host_name(string_view host) {
  if (host.empty() || host.size() > kLongestHost) return false;
  const auto labels = base::split(host, '.');
  return std::ranges::all_of(labels, [](string_view label) {
    return !label.empty() && !label.starts_with('-') && !label.ends_with('-') &&
           std::ranges::all_of(label, [](char c) { return is_lower_word(c) || c == '-'; });
  });
}

bool is_port(string_view port) {
  return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit) && *base::parse_integer(port) > 0 &&
         *base::parse_integer(port) <= 65535;
}

/// scheme://host[:port][/…], in lower case up to the path; no user, no escape in the host.
std::optional<Url> parse(string_view text) {
  if (text.size() > kLongestUrl) return std::nullopt;
  Url url;
  const auto colon = text.find("://");
  if (colon == string_view::npos) return std::nullopt;
  url.scheme = text.substr(0, colon);
  if (url.scheme != "https" && url.scheme != "http") return std::nullopt;
  text.remove_prefix(colon + 3);
  const auto end = text.find_first_of("/?#");
  string_view authority = text.substr(0, end);
  if (end != string_view::npos && !is_plain_rest(text.substr(end))) return std::nullopt;
  if (authority.starts_with("[::1]")) {
    url.host = "::1";
    authority.remove_prefix(5);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(url.host.size());
    if (!is_host_name(url.host)) return std::nullopt;
  }
  if (!authority.empty() && (authority[0] != ':' || !is_port(authority.substr(1)))) return std::nullopt;
  return url;
}

bool is_loopback(string_view host) {
  if (host == "localhost" || host == "::1") return true;
  const auto octets = base::split(host, '.');
  return octets.size() == 4 && octets[0] == "127" && std::ranges::all_of(octets, [](string_view octet) {
           return octet.size() <= 3 && std::ranges::all_of(octet, is_digit) && *base::parse_integer(octet) <= 255;
         });
}

bool fits(string_view pattern, string_view host) {
  auto labels = base::split(host, '.');
  const auto expected = base::split(pattern, '.');
  std::size_t skipped = 0;
  if (expected[0] == "**") {
    if (labels.size() < expected.size()) return false;
    skipped = labels.size() - expected.size();
  }
  if (labels.size() != expected.size() + skipped) return false;
  for (std::size_t i = expected[0] == "**" ? 1 : 0; i < expected.size(); ++i)
    if (expected[i] != "*" && expected[i] != labels[i + skipped]) return false;
  return true;
}

}  // namespace

base::Result<void> check_browser_url(std::string_view url, std::span<const std::string> more_hosts) {
  const auto parsed = parse(url);
  if (!parsed)
    return base::fail(ErrorKind::refused, "the browser is not started: what it was to open is not a plain https URL: " +
                                              base::printable(url.substr(0, url.find_first_of("?#")), 100));
  if (is_loopback(parsed->host)) return {};
  const std::string host(parsed->host);
  if (parsed->scheme != "https")
    return base::fail(ErrorKind::refused, "the browser is not started: the link to " + host + " is not https");
  const bool known =
      std::ranges::any_of(kAwsHosts, [&](const char* pattern) { return fits(pattern, host); }) ||
      std::ranges::any_of(more_hosts, [&](const std::string& more) { return base::lower_ascii(more) == host; });
  if (known) return {};
  return base::fail(ErrorKind::refused,
                    "the browser is not started: " + host + " is neither AWS's nor named in the configuration");
}

}  // namespace deliver
