// A request and a reply that pass through in pieces, for bodies that no memory holds. The same rules as Client's: it
// follows no redirect and always verifies TLS. One call at a time; its connections are kept for the next.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "http/client.h"
#include "http/message.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace http {

/// Where the body of a request comes from.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Fills `room` in part; 0: the body is over; nullopt: it will never be whole, and the server must not take it for
  /// whole. May wait.
  virtual std::optional<std::size_t> read(std::span<std::byte> room) = 0;
};

/// Where a reply goes. false: nobody takes it any more, which ends the call.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual bool head(int status, const std::vector<Header>& headers) = 0;
  virtual bool body(std::span<const std::byte> bytes) = 0;
};

struct Upload {
  BodySource* source = nullptr;         // null: no body
  std::optional<std::uint64_t> length;  // none: sent in chunks
};

struct StreamLimits {
  base::Duration connect{4'000};
  base::Duration stall{300'000};  // so long nothing may move; a multipart upload's completion takes minutes
  std::size_t header_bytes = std::size_t{64} * 1024;
};

class StreamClient {
 public:
  virtual ~StreamClient() = default;
  /// `request` has no body of its own. An Expect header in it is waited for as HTTP says. `stop` ends the call within a
  /// second. Errors: as Client's; a sink or source that gave up: failure.
  virtual base::Result<void> exchange(const Request& request, const Upload& upload, ReplySink& reply,
                                      const StreamLimits& limits, const std::atomic<bool>& stop) = 0;
};

std::unique_ptr<StreamClient> make_stream_client(const base::Environment& environment, ClientSettings settings);

}  // namespace http
