// One request on one connection, in the hands of whoever serves it: its head, its body in pieces, its reply in pieces.
// The framing is decided here, so that a reply that was cut short never looks whole.
#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "http/chunk_scanner.h"
#include "http/message.h"
#include "http/stream_request.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// A connection of a client, with what came on it and was not used yet. The socket does not block.
class ClientConnection {
 public:
  explicit ClientConnection(base::Descriptor fd);

  int fd() const { return fd_.get(); }
  std::string_view unread() const;
  void used(std::size_t count);
  enum class Came { bytes, nothing, end };
  /// Reads what is there, as far as there is room.
  Came receive();
  bool has_room() const { return end_ < buffer_.size(); }
  /// Waits for the client at most so long.
  bool wait_readable(base::Duration patience) const;
  /// All of both, waiting for a slow client; false when it is gone or too slow.
  bool send(std::string_view first, std::span<const std::byte> second = {});
  /// Straight into `room`, past the buffer, which must be empty; 0: gone or too slow.
  std::size_t receive_into(std::span<std::byte> room);
  /// So that a peer that still sends reads our reply before the connection is reset.
  void linger();

 private:
  base::Descriptor fd_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

class Exchange {
 public:
  Exchange(ClientConnection& connection, StreamRequest request)
      : connection_(connection), request_(std::move(request)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const StreamRequest& request() const { return request_; }

  /// The next bytes of the body, decoded; 0: it is over; nullopt: it was cut short, is malformed, or came too slowly.
  /// The first call answers "100 Continue" where that is expected.
  std::optional<std::size_t> read_body(std::span<std::byte> room);

  /// Begins the reply. `length`: of its body; none: it is sent in chunks, or ended by closing. Headers that say how a
  /// body is framed or the connection kept are this function's to set. Each false: the client is gone.
  bool begin_reply(int status, const std::vector<Header>& headers, std::optional<std::uint64_t> length);
  bool write_reply(std::span<const std::byte> bytes);
  bool end_reply();
  /// All of a small one.
  bool answer(int status, const std::vector<Header>& headers, std::string_view body);
  bool reply_begun() const { return begun_; }
  /// Whether all of the reply was sent.
  bool reply_ended() const { return ended_; }
  /// Whether the reply is whole and the request read to its end: then the connection may bring another.
  bool may_go_on() const;
  /// Whether what was asked for has a body at all.
  static bool has_body(const std::string& method, int status);

 private:
  std::optional<std::size_t> read_length(std::span<std::byte> room);
  std::optional<std::size_t> read_chunks(std::span<std::byte> room);
  bool flush(std::span<const std::byte> bytes);

  ClientConnection& connection_;
  StreamRequest request_;
  std::uint64_t taken_ = 0;
  ChunkScanner chunks_;
  bool body_over_ = false, body_broken_ = false, continued_ = false;

  std::string pending_;  // of the reply's head, until its first bytes
  bool begun_ = false, ended_ = false, gone_ = false;
  bool in_chunks_ = false, without_body_ = false, closes_ = false;
  std::uint64_t left_ = 0;  // of a reply by length
};

}  // namespace http
