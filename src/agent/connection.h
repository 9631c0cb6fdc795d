// One client at the agent's end: a frame in, a frame out, as far as the socket goes; it never waits. What a frame means
// is the server's.
#pragma once

#include "agent/protocol.h"
#include "base/clock.h"
#include "base/file.h"
#include "secret/bytes.h"

#include <array>
#include <cstddef>
#include <optional>

namespace agent {

class Connection {
 public:
  /// `socket` is non-blocking.
  Connection(base::Descriptor socket, Peer who, base::Duration now) : peer(who), since(now), fd_(std::move(socket)) {}

  enum class Talk { new_client, one_of_us, another_protocol };
  Peer peer;
  base::Duration since;  // its last whole request, or its begin
  Talk talk = Talk::new_client;
  bool holds = false;

  int fd() const { return fd_.get(); }
  bool is_writing() const { return !reply_.empty(); }
  /// Reads on; `body` is set when a frame is whole. False where the client has gone or sends what is no frame.
  bool read_on(std::optional<secret::Bytes>& body);
  /// False where the client has gone.
  bool write_on();
  void reply(const secret::Bytes& body);

 private:
  base::Descriptor fd_;
  std::array<std::byte, kHeaderBytes> header_{};
  std::size_t header_read_ = 0;
  std::optional<secret::Buffer> body_;  // grows with what arrives, whatever length was announced
  std::size_t body_left_ = 0;
  secret::Bytes reply_;  // with its header
  std::size_t written_ = 0;
};

}  // namespace agent
