// One connection of a client to the agent: whole frames out and in, within a time. It knows the protocol's frames and
// the handshake, and nothing of what is asked.
#pragma once

#include "agent/place.h"
#include "agent/protocol.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace agent {

/// What an agent says of itself.
struct Greeting {
  std::string protocol;
  std::string version;
  bool is_replaced = false;  // its program's file is another by now
  bool is_unlocked = false;
};

class Channel {
 public:
  /// nullopt where no agent listens. Errors: it is another user's, or does not answer as one.
  static base::Result<std::optional<Channel>> open(const Place& place, std::string_view version, base::Clock& clock);

  /// As of the last greet().
  const Greeting& greeting() const { return greeting_; }
  base::Result<void> greet(std::string_view version);
  /// An error: the connection is of no more use.
  base::Result<Reply> ask(Op op, std::span<const secret::Bytes* const> parts);
  /// True when the agent has closed the connection, within a second.
  bool is_over();

 private:
  Channel(base::Descriptor fd, base::Clock& clock) : fd_(std::move(fd)), clock_(&clock) {}
  base::Result<void> send(const secret::Bytes& body, base::Duration deadline);
  base::Result<secret::Bytes> receive(base::Duration deadline);
  base::Result<void> read_into(std::span<std::byte> to, base::Duration deadline);
  base::Result<void> wait(short events, base::Duration deadline);

  base::Descriptor fd_;
  base::Clock* clock_;
  Greeting greeting_;
};

}  // namespace agent
