// A server on this machine's loopback for programs of the same user, whose requests and replies may be of any size.
// Connections that wait cost no thread; a request that has come gets one. What is served is the handler's.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http/exchange.h"
#include "http/loopback_sockets.h"
#include "http/peer.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace http {

/// Called from several threads at once.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void serve(Exchange& exchange) = 0;
  /// A request that is none, or from a program that may not ask.
  virtual void refuse(Exchange& exchange, const StreamRefusal& refusal) = 0;
};

struct StreamServerSettings {
  std::size_t connections = 2048;      // fewer where the process may not open so many
  std::size_t workers = 64;            // requests at one time; others wait
  base::Duration idle{120'000};        // between requests
  base::Duration head{10'000};         // from a head's first byte to its last
  std::string tables = kSocketTables;  // where the kernel says whose connections there are
};

class StreamServer {
 public:
  /// Errors: failure (no descriptor).
  static base::Result<StreamServer> open(LoopbackSockets sockets, StreamServerSettings settings = {});
  StreamServer(StreamServer&&) noexcept;
  StreamServer& operator=(StreamServer&&) noexcept;
  /// The port is closed.
  ~StreamServer();

  std::uint16_t port() const;
  /// Serves until `stop_fd` is readable; then it waits for the requests under way, whose connections are shut. Starts
  /// threads, so nothing may fork afterwards.
  void run(StreamHandler& handler, int stop_fd);
  /// Set when run() is about to end: whoever is in the middle of a request gives up.
  const std::atomic<bool>& stopping() const;

 private:
  struct State;
  explicit StreamServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace http
