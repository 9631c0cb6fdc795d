// Faults on purpose: what the simulator does wrong when told so. A fault is one line of text:
//   KIND[=VALUE][,action=NAME][,count=N][,rate=0..1]
#pragma once

#include "base/result.h"
#include "world.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

enum class FaultKind {
  throttle,         // Throttling, 400; =N is short for count=N
  error,            // 5xx; =STATUS, 500 where none is given
  garbage,          // bytes that are no HTTP body of AWS
  html,             // a proxy's error page; =STATUS, 502 where none is given
  retry_after,      // a Retry-After header on every answer; =SECONDS
  delay,            // answers late; =MILLISECONDS
  hang,             // reads the request, does nothing, never answers
  reset,            // does nothing and resets the connection
  lost,             // does what was asked, then closes without an answer
  truncate,         // sends half of the body
  drip,             // sends byte by byte; =MILLISECONDS between two
  idp_down,         // STS: IDPCommunicationError, 400
  idp_rejects,      // STS: IDPRejectedClaim, 403
  unauthorized,     // the role of an instance or container cannot be assumed
  credentials_end,  // not per call: those of instance and container end in =SECONDS
  clock,            // not per call: the simulator's clock is ahead by =SECONDS
  unknown_key,      // not per call: new access keys stay unknown for =MILLISECONDS
};

struct FaultName {
  FaultKind kind;
  std::string_view name;
  std::string_view what;
};
std::span<const FaultName> fault_names();

struct Fault {
  FaultKind kind = FaultKind::throttle;
  std::optional<std::int64_t> value;
  std::string action;  // empty: every action
  std::optional<std::int64_t> left;
  double rate = 1;
};

class Faults {
 public:
  /// clock, credentials-end and unknown-key change `world` at once; the others wait for calls.
  base::Result<void> add(std::string_view line, World& world);
  /// Forgets all of them, sets the clock right, and goes by the seed for new keys and credentials of machines.
  void clear(World& world);
  /// Those that hit this call, counted down.
  std::vector<Fault> take(std::string_view action);

 private:
  std::vector<Fault> faults_;
};

base::Result<Fault> parse_fault(std::string_view line);
std::string_view name_of(FaultKind kind);

}  // namespace sim
