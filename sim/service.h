// One request in, one outcome out: finds the action, authenticates, performs, logs, and applies faults. Knows nothing
// of sockets.
#pragma once

#include "call_log.h"
#include "faults.h"
#include "message.h"
#include "rest.h"
#include "world.h"

#include <string>
#include <string_view>

namespace sim {

/// How the reply goes over the wire.
struct Delivery {
  enum class Manner { whole, hang, reset, close, truncate } manner = Manner::whole;
  base::Duration delay{0};
  base::Duration between_bytes{0};
  std::optional<int> hops;  // how far the reply gets; else as far as any
};

struct Outcome {
  Reply reply;
  Delivery delivery;
};

class Service {
 public:
  explicit Service(World& world) : world_(world) {}
  /// `host`: the name the client connected to (proxy) or the Host header.
  Outcome handle(const Request& request, std::string_view host);

  World& world() { return world_; }
  Faults& faults() { return faults_; }
  CallLog& log() { return log_; }

 private:
  Reply perform(const Request& request, const Parameters& parameters, const Endpoint& endpoint, CallRecord& record);
  Reply perform_rest(const Request& request, const RestRoute& route, const Endpoint& endpoint, CallRecord& record);

  World& world_;
  Faults faults_;
  CallLog log_;
};

}  // namespace sim
