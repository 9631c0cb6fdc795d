#include "http/loopback_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace http {
namespace {

using base::Descriptor;
using base::ErrorKind;

constexpr int kPortTries = 16;
constexpr int kQueue = SOMAXCONN;

Descriptor bound(int family, const sockaddr* address, socklen_t size) {
  Descriptor fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fd;
  const int only_v6 = 1;
  const bool good =
      (family != AF_INET6 || setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6) == 0) &&
      bind(fd.get(), address, size) == 0 && listen(fd.get(), kQueue) == 0;
  if (good) return fd;
  const int problem = errno;
  fd = Descriptor();
  errno = problem;
  return fd;
}

Descriptor bound_v4() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bound(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Descriptor bound_v6(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  return bound(AF_INET6, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin_port);
}

/// Whether `fd` listens on the loopback address of `family`, under `port` where one is given.
bool listens_on_loopback(int fd, int family, std::uint16_t port) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) return false;
  sockaddr_storage address{};
  size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.ss_family != family) return false;
  if (family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return v4.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  return std::memcmp(&v6.sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0 && ntohs(v6.sin6_port) == port;
}

}  // namespace

base::Result<LoopbackSockets> listen_on_loopback() {
  for (int i = 0; i < kPortTries; ++i) {
    LoopbackSockets out;
    out.v4 = bound_v4();
    if (!out.v4.valid()) return base::fail(ErrorKind::failure, "listen on 127.0.0.1: " + base::errno_text(errno));
    out.port = port_of(out.v4.get());
    out.v6 = bound_v6(out.port);
    // Somebody else's service under the same port on [::1] would be taken for us.
    if (!out.v6.valid() && errno == EADDRINUSE) continue;
    return out;
  }
  return base::fail(ErrorKind::failure, "no port is free on both 127.0.0.1 and [::1]");
}

base::Result<LoopbackSockets> adopt_loopback_sockets(int v4, int v6) {
  LoopbackSockets out;
  out.port = port_of(v4);
  if (!listens_on_loopback(v4, AF_INET, out.port) || (v6 >= 0 && !listens_on_loopback(v6, AF_INET6, out.port)))
    return base::fail(ErrorKind::refused, "the sockets that were handed over do not listen on loopback");
  out.v4 = Descriptor(v4);
  out.v6 = Descriptor(v6);
  return out;
}

}  // namespace http
