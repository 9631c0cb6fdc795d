// One small HTTP request to a program on this machine, by plain sockets: what kabuto-sim's own commands are made of.
#pragma once

#include "base/result.h"
#include "message.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sim {

struct LoopbackAddress {
  std::string host;  // 127.0.0.1, [::1] or localhost
  std::uint16_t port = 0;
};

struct LoopbackUrl {
  LoopbackAddress address;
  std::string target;  // path and query
};
/// http://127.0.0.1:PORT/… and the like; nothing else.
base::Result<LoopbackUrl> parse_loopback_url(std::string_view url);

/// Sends `request` with the length of its body; a Host header is added where it has none. Errors: unreachable, failure.
base::Result<Reply> fetch(const LoopbackAddress& address, Request request);

}  // namespace sim
