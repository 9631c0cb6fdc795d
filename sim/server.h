// The sockets of the simulator: HTTP on loopback, and the HTTPS proxy. One thread, one loop; the only place with Beast
// and Asio. Never listens on anything but 127.0.0.1.
#pragma once

#include "base/result.h"
#include "certificates.h"
#include "service.h"

#include <signal.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace sim {

class Server {
 public:
  /// Listens at once, so that clients may connect before run(); port 0 takes a free one.
  static base::Result<std::unique_ptr<Server>> listen(Service& service, std::uint16_t port);
  ~Server();

  /// Also answers CONNECT for AWS's hosts on a second free port.
  base::Result<void> listen_proxy(const CertificateAuthority& authority);

  /// Answers on a free port of its own, 127.0.0.1 and [::1] where there is one, as a host of that name would.
  base::Result<std::uint16_t> listen_as(std::string host);

  std::uint16_t port() const;
  std::uint16_t proxy_port() const;

  enum class Origin { terminal, process };
  /// Runs `on_signal` in the loop for each signal of `signals` (which must be blocked).
  void on_signals(const sigset_t& signals, std::function<void(int number, Origin origin)> on_signal);

  /// Serves until stop().
  void run();
  void stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sim
