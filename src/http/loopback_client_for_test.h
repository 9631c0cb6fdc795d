// For tests only: the other end of a loopback listener.
#pragma once

#include "base/file.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <utility>

namespace http {

/// Invalid where nobody listens there.
inline base::Descriptor connected(int family, std::uint16_t port) {
  base::Descriptor fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  const bool good = family == AF_INET ? connect(fd.get(), reinterpret_cast<sockaddr*>(&v4), sizeof v4) == 0
                                      : connect(fd.get(), reinterpret_cast<sockaddr*>(&v6), sizeof v6) == 0;
  return good ? std::move(fd) : base::Descriptor();
}

}  // namespace http
