// The one door to the network. It sends a request as it is, follows no redirect, reads no netrc, never turns TLS
// verification off, and never sends to a loopback or metadata address through a proxy. Retrying is the caller's
// decision.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "http/message.h"

#include <cstddef>
#include <memory>
#include <string>

namespace http {

struct Limits {
  base::Duration connect{4'000};
  base::Duration total{30'000};  // DNS, connect, TLS, request and reply together
  std::size_t reply_bytes = std::size_t{1024} * 1024;
  std::size_t header_bytes = std::size_t{64} * 1024;
};

class Client {
 public:
  virtual ~Client() = default;
  /// Errors: unreachable (DNS, connect, TLS, time over, cut short), refused (URL or header not allowed, reply too
  /// large).
  virtual base::Result<Response> send(const Request& request, const Limits& limits) = 0;
};

struct ClientSettings {
  std::string ca_bundle;  // path; empty = the system's
};

/// The libcurl client; libcurl is loaded at the first send. Proxies come from HTTPS_PROXY, https_proxy, NO_PROXY,
/// no_proxy of the environment.
std::unique_ptr<Client> make_client(const base::Environment& environment, ClientSettings settings);

}  // namespace http
