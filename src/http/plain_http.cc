#include "http/plain_http.h"

#include "http/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace http {
namespace {

constexpr std::array<const char*, 3> kIpv4{"169.254.169.254", "169.254.170.2", "169.254.170.23"};
constexpr std::array<const char*, 2> kIpv6{"fd00:ec2::254", "fd00:ec2::23"};
constexpr unsigned kLoopbackNetwork = 127;

in_addr ipv4(const char* text) {
  in_addr out{};
  inet_pton(AF_INET, text, &out);
  return out;
}

in6_addr ipv6(const char* text) {
  in6_addr out{};
  inet_pton(AF_INET6, text, &out);
  return out;
}

bool is_metadata(const in_addr& address) {
  return std::ranges::any_of(kIpv4, [&](const char* known) { return ipv4(known).s_addr == address.s_addr; });
}

bool is_metadata(const in6_addr& address) {
  return std::ranges::any_of(kIpv6, [&](const char* known) {
    const in6_addr other = ipv6(known);
    return std::memcmp(&other, &address, sizeof other) == 0;
  });
}

}  // namespace

bool is_metadata_host(std::string_view host) {
  const std::string text(host);
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return is_metadata(four);
  in6_addr six{};
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && is_metadata(six);
}

bool may_go_plain(std::string_view host, PlainHttp to) {
  return is_loopback_host(host) || (to == PlainHttp::metadata && is_metadata_host(host));
}

bool may_go_plain(const sockaddr& address, PlainHttp to) {
  if (address.sa_family == AF_INET) {
    const in_addr four = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    return ntohl(four.s_addr) >> 24U == kLoopbackNetwork || (to == PlainHttp::metadata && is_metadata(four));
  }
  if (address.sa_family != AF_INET6) return false;
  const in6_addr six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&six) || (to == PlainHttp::metadata && is_metadata(six));
}

}  // namespace http
