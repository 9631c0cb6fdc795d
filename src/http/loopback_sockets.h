// Sockets that listen on this machine's loopback addresses and on no other: the one place where kabuto opens a port.
#pragma once

#include "base/file.h"
#include "base/result.h"

#include <cstdint>

namespace http {

/// The same port on 127.0.0.1 and, where the machine has it, on [::1]. Neither blocks; both close at an exec.
struct LoopbackSockets {
  base::Descriptor v4;
  base::Descriptor v6;  // none on a machine without IPv6
  std::uint16_t port = 0;
};

/// A free port of the kernel's choice. Errors: failure (no loopback, no descriptor, no port free on both).
base::Result<LoopbackSockets> listen_on_loopback();

/// Takes over sockets that another process of ours has opened so. Error: refused, where one of them is not a listening
/// socket of a loopback address. A `v6` below zero is none.
base::Result<LoopbackSockets> adopt_loopback_sockets(int v4, int v6);

}  // namespace http
