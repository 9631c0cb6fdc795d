#include "http/proxy.h"

#include "base/text.h"
#include "http/plain_http.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace http {
namespace {

using base::ErrorKind;

constexpr std::array<std::string_view, 4> kSchemes{"http", "https", "socks5", "socks5h"};

std::optional<std::pair<std::string, std::string_view>> first_set(const base::Environment& environment,
                                                                  std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (const auto value = environment.get_nonempty(name)) return std::pair(std::string(name), *value);
  return std::nullopt;
}

std::optional<std::pair<std::uint32_t, int>> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) != 1) return std::nullopt;
  if (slash == text.npos) return std::pair(ntohl(address.s_addr), 32);
  const auto bits = base::parse_integer(text.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > 32) return std::nullopt;
  return std::pair(ntohl(address.s_addr), static_cast<int>(*bits));
}

// "*", "host", ".domain" and "domain" (both with everything below), "10.0.0.0/8"; an entry may end in a port.
bool exempts(std::string_view entry, const Url& url) {
  entry = base::trim(entry);
  if (entry == "*") return true;
  if (entry.starts_with('[')) {
    const auto close = entry.find(']');
    return close != entry.npos && base::equals_ignoring_case(entry.substr(1, close - 1), url.host);
  }
  if (std::ranges::count(entry, ':') == 1) {
    const auto colon = entry.find(':');
    if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
    entry = entry.substr(0, colon);
  }
  if (const auto network = parse_network(entry)) {
    const auto host = parse_network(url.host);
    if (!host || host->second != 32) return false;
    const auto mask = network->second == 0 ? 0U : ~0U << (32 - network->second);
    return (network->first & mask) == (host->first & mask);
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty()) return false;
  const auto domain = base::lower_ascii(entry);
  return url.host == domain || url.host.ends_with("." + domain);
}

secret::Bytes percent_decoded(std::string_view text) {
  secret::Bytes out(text.size());
  std::size_t size = 0;
  out.edit([&](std::span<std::byte> to) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape = text[i] == '%' && i + 2 < text.size() && base::hex_digit(text[i + 1]) >= 0 &&
                          base::hex_digit(text[i + 2]) >= 0;
      to[size++] =
          static_cast<std::byte>(escape ? base::hex_digit(text[i + 1]) * 16 + base::hex_digit(text[i + 2]) : text[i]);
      if (escape) i += 2;
    }
  });
  out.shrink(size);
  return out;
}

std::unexpected<base::Error> refuse(const std::string& variable) {
  return base::fail(ErrorKind::refused,
                    "the proxy in " + variable + " is not a URL such as http://proxy.example.com:3128",
                    "run unset " + variable + ", or correct it");
}

bool holds_line_end(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

base::Result<Proxy> parse_proxy(const std::string& variable, std::string_view text) {
  Proxy out;
  out.variable = variable;
  std::string scheme = "http";
  if (const auto end = text.find("://"); end != text.npos) {
    scheme = base::lower_ascii(text.substr(0, end));
    text.remove_prefix(end + 3);
  }
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) return refuse(variable);
  if (text.ends_with('/')) text.remove_suffix(1);
  if (const auto at = text.rfind('@'); at != text.npos) {
    const auto account = text.substr(0, at);
    const auto colon = account.find(':');
    out.user = percent_decoded(account.substr(0, colon));
    if (colon != account.npos) out.password = percent_decoded(account.substr(colon + 1));
    if (out.user.reveal_text(holds_line_end) || out.password.reveal_text(holds_line_end)) return refuse(variable);
    text.remove_prefix(at + 1);
  }
  // The host and port are held to the rules of every other URL; the scheme is the proxy's own.
  const auto url = parse_url("http://" + std::string(text));
  if (!url || url->target != "/") return refuse(variable);
  const bool has_port = text.rfind(':') != text.npos && text.back() != ']';
  const int default_port = scheme == "http" ? 80 : scheme == "https" ? 443 : 1080;
  const bool is_ipv6 = url->host.find(':') != std::string::npos;
  out.url = scheme + "://" + (is_ipv6 ? "[" + url->host + "]" : url->host) + ":" +
            std::to_string(has_port ? url->port : default_port);
  return out;
}

}  // namespace

base::Result<std::optional<Proxy>> proxy_for(const Url& url, const base::Environment& environment) {
  if (url.scheme != Scheme::https || is_loopback_host(url.host) || is_metadata_host(url.host)) return std::nullopt;
  const auto setting = first_set(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  if (!setting) return std::nullopt;
  if (const auto exempt = first_set(environment, {"no_proxy", "NO_PROXY"}))
    for (const auto entry : base::split(exempt->second, ','))
      for (const auto part : base::split(entry, ' '))
        if (exempts(part, url)) return std::nullopt;
  return TRY(parse_proxy(setting->first, setting->second));
}

}  // namespace http
