#include "http/url.h"

#include "base/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace http {
namespace {

using base::ErrorKind;

constexpr std::size_t kLongestUrl = 8192;
constexpr std::size_t kLongestHost = 253;
constexpr std::size_t kLongestLabel = 63;

// The text is not shown: a URL that was refused may hold a password, and its bytes may be hostile.
std::unexpected<base::Error> refuse(std::string why) {
  return base::fail(ErrorKind::refused, "the URL is not accepted: " + std::move(why));
}

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(const std::string& host) {
  if (host.empty() || host.size() > kLongestHost) return false;
  const auto labels = base::split(host, '.');
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
  };
  if (!std::ranges::all_of(labels, is_label)) return false;
  // A host whose last part is a number is read as an IPv4 address by resolvers, in forms ("127.1", "0x7f.1") that no
  // reader sees through.
  const auto last = labels.back();
  return !std::ranges::all_of(last, is_digit) && !last.starts_with("0x");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  const auto value = base::parse_integer(text);
  if (!value || *value < 1 || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

}  // namespace

base::Result<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) return refuse("it is longer than 8192 bytes");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    return refuse("it holds blanks, control characters or bytes that are not ASCII");
  if (text.find('\\') != text.npos) return refuse("it holds a backslash");
  if (text.find('#') != text.npos) return refuse("it has a fragment ('#')");
  Url url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    url.scheme = Scheme::http;
    url.port = 80;
    text.remove_prefix(7);
  } else {
    return refuse("it must begin with https://");
  }
  const auto end = std::min(text.find_first_of("/?"), text.size());
  const auto authority = text.substr(0, end);
  if (authority.find('@') != authority.npos) return refuse("it holds a user name or password");
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");

  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == authority.npos) return refuse("its host has no closing bracket");
    url.host = base::lower_ascii(authority.substr(1, close - 1));
    const auto rest = authority.substr(close + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port) return refuse("its host is not a name or an address");
    if (has_port) port = rest.substr(1);
    if (!is_ipv6(url.host)) return refuse("its host is not an IPv6 address");
  } else {
    const auto colon = authority.find(':');
    url.host = base::lower_ascii(authority.substr(0, colon));
    has_port = colon != authority.npos;
    if (has_port) port = authority.substr(colon + 1);
    if (!is_ipv4(url.host) && !is_host_name(url.host)) return refuse("its host is not a name or an address");
  }
  if (has_port) {
    const auto number = parse_port(port);
    if (!number) return refuse("its port is not a number from 1 to 65535");
    url.port = *number;
  }
  return url;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
  return host.starts_with("127.") && is_ipv4(std::string(host));
}

}  // namespace http
