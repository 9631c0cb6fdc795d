// A loopback server for many connections at once: one thread, epoll, no memory held for a connection that is idle. It
// knows HTTP and who may speak to it (programs of our own user, no browser); what is answered is a Service's.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http/loopback_sockets.h"
#include "http/peer.h"
#include "http/request_head.h"
#include "secret/bytes.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace http {

struct ServerLimits {
  std::size_t most_connections = 2048;  // at one more, the one that asked the longest ago is closed
  base::Duration head_time{10'000};     // from the accept, or the last reply, to the end of the next head
  base::Duration patience{1'500};       // how long a request may wait for what is being fetched
  int hop_limit = 0;                    // of the packets of replies; 0: the system's
};

/// Whether a request may wait: not any more when it has waited for ServerLimits::patience.
enum class Patience { some, none };

class Service {
 public:
  virtual ~Service() = default;
  /// The whole reply, which must stay as it is until the next call. Null where the request shall wait for resume();
  /// never without patience. The request has no body and passed refusal_of.
  virtual const secret::Bytes* answer(const RequestHead& head, Patience patience) = 0;
};

class Server {
 public:
  /// `service` must outlive the server. Raises this process's limit of descriptors. Error: failure (no descriptor).
  static base::Result<Server> open(LoopbackSockets sockets, Service& service, ServerLimits limits = {},
                                   std::string tables = kSocketTables);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// All is closed, the port too.
  ~Server();

  std::uint16_t port() const;
  std::size_t connections() const;

  /// Calls `ready` in each turn in which `fd` is readable, until forget(fd). Error: failure.
  base::Result<void> watch(int fd, std::function<void()> ready);
  void forget(int fd);

  /// Asks the service again for every request that waits.
  void resume(base::Clock& clock);

  /// Waits for something to do, for at most `longest`, and does it. Error: failure (of epoll itself).
  base::Result<void> turn(base::Clock& clock, base::Duration longest);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace http
