#include "http/exchange.h"

#include "base/text.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace http {
namespace {

using base::Duration;

constexpr std::size_t kBuffer = std::size_t{64} * 1024;
constexpr Duration kSlowest{60'000};  // so long a client may move nothing in the middle of a request
constexpr Duration kLingerTime{1'000};
constexpr int kLingerReads = 64;
constexpr int kNoContent = 204, kNotModified = 304;
constexpr std::array<std::string_view, 6> kFraming{"connection", "content-length", "transfer-encoding",
                                                   "keep-alive", "trailer",        "upgrade"};

bool wait_for(int fd, short events, Duration patience) {
  pollfd watched{fd, events, 0};
  int ready = 0;
  do {
    ready = poll(&watched, 1, static_cast<int>(patience.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool comes_later() { return errno == EAGAIN || errno == EINTR; }

std::string_view reason_of(int status) {
  struct Reason {
    int status;
    std::string_view text;
  };
  constexpr std::array kReasons{Reason{200, "OK"},
                                Reason{204, "No Content"},
                                Reason{206, "Partial Content"},
                                Reason{301, "Moved Permanently"},
                                Reason{304, "Not Modified"},
                                Reason{307, "Temporary Redirect"},
                                Reason{400, "Bad Request"},
                                Reason{403, "Forbidden"},
                                Reason{404, "Not Found"},
                                Reason{405, "Method Not Allowed"},
                                Reason{408, "Request Timeout"},
                                Reason{413, "Content Too Large"},
                                Reason{416, "Range Not Satisfiable"},
                                Reason{417, "Expectation Failed"},
                                Reason{431, "Request Header Fields Too Large"},
                                Reason{502, "Bad Gateway"},
                                Reason{503, "Service Unavailable"}};
  const auto* const found = std::ranges::find(kReasons, status, &Reason::status);
  return found == kReasons.end() ? std::string_view("Status") : found->text;
}

}  // namespace

ClientConnection::ClientConnection(base::Descriptor fd) : fd_(std::move(fd)) {}

std::string_view ClientConnection::unread() const {
  return {reinterpret_cast<const char*>(buffer_.data()) + begin_, end_ - begin_};
}

void ClientConnection::used(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

ClientConnection::Came ClientConnection::receive() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Grown only for a client that sends: a thousand that only connect cost nothing.
  if (end_ == buffer_.size()) buffer_.resize(std::clamp(buffer_.size() * 2, kBuffer / 16, kBuffer));
  if (!has_room()) return Came::nothing;
  const auto count = recv(fd(), buffer_.data() + end_, buffer_.size() - end_, 0);
  if (count > 0) {
    end_ += static_cast<std::size_t>(count);
    return Came::bytes;
  }
  return count < 0 && comes_later() ? Came::nothing : Came::end;
}

bool ClientConnection::wait_readable(Duration patience) const { return wait_for(fd(), POLLIN, patience); }

std::size_t ClientConnection::receive_into(std::span<std::byte> room) {
  while (true) {
    const auto count = recv(fd(), room.data(), room.size(), 0);
    if (count > 0) return static_cast<std::size_t>(count);
    if (count == 0 || !comes_later() || !wait_readable(kSlowest)) return 0;
  }
}

bool ClientConnection::send(std::string_view first, std::span<const std::byte> second) {
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                               iovec{const_cast<std::byte*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto sent = sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (!comes_later() || !wait_for(fd(), POLLOUT, kSlowest)) return false;
      continue;
    }
    const auto of_first = std::min(first.size(), static_cast<std::size_t>(sent));
    first.remove_prefix(of_first);
    second = second.subspan(static_cast<std::size_t>(sent) - of_first);
  }
  return true;
}

void ClientConnection::linger() {
  shutdown(fd(), SHUT_WR);
  std::array<std::byte, 16384> piece;
  for (int i = 0; i < kLingerReads && wait_readable(kLingerTime); ++i)
    if (recv(fd(), piece.data(), piece.size(), 0) <= 0) return;
}

std::optional<std::size_t> Exchange::read_length(std::span<std::byte> room) {
  const auto left = request_.length - taken_;
  if (left == 0) return 0;
  room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left)));
  std::size_t count = 0;
  if (const auto waiting = connection_.unread(); !waiting.empty()) {
    count = std::min(waiting.size(), room.size());
    std::memcpy(room.data(), waiting.data(), count);
    connection_.used(count);
  } else {
    count = connection_.receive_into(room);
    if (count == 0) return std::nullopt;
  }
  taken_ += count;
  return count;
}

std::optional<std::size_t> Exchange::read_chunks(std::span<std::byte> room) {
  while (true) {
    const auto waiting = connection_.unread();
    auto input = std::as_bytes(std::span(waiting)).first(std::min(waiting.size(), room.size()));
    const auto before = input.size();
    const auto event = chunks_.next(input);
    std::size_t count = 0;
    if (event == ChunkScanner::Event::data) {
      count = chunks_.data().size();
      std::memcpy(room.data(), chunks_.data().data(), count);
    }
    connection_.used(before - input.size());
    if (event == ChunkScanner::Event::bad) return std::nullopt;
    if (event == ChunkScanner::Event::done) return 0;
    if (count > 0) return count;
    if (event != ChunkScanner::Event::more || !connection_.unread().empty()) continue;
    if (connection_.receive() == ClientConnection::Came::end) return std::nullopt;
    if (connection_.unread().empty() && !connection_.wait_readable(kSlowest)) return std::nullopt;
  }
}

std::optional<std::size_t> Exchange::read_body(std::span<std::byte> room) {
  if (body_broken_) return std::nullopt;
  if (body_over_ || request_.framing == BodyFraming::none) return 0;
  if (request_.expects_continue && !std::exchange(continued_, true) &&
      !connection_.send("HTTP/1.1 100 Continue\r\n\r\n")) {
    body_broken_ = true;
    return std::nullopt;
  }
  const auto count = request_.framing == BodyFraming::length ? read_length(room) : read_chunks(room);
  body_broken_ = !count;
  body_over_ = count && (*count == 0 || (request_.framing == BodyFraming::length && taken_ == request_.length));
  return count;
}

bool Exchange::has_body(const std::string& method, int status) {
  return method != "HEAD" && status != kNoContent && status != kNotModified;
}

bool Exchange::begin_reply(int status, const std::vector<Header>& headers, std::optional<std::uint64_t> length) {
  begun_ = true;
  without_body_ = !has_body(request_.method, status);
  in_chunks_ = !without_body_ && !length && request_.knows_chunks;
  left_ = without_body_ ? 0 : length.value_or(0);
  // A client that waits for leave to send, or whose body was not read, would take what follows for something else.
  closes_ = !request_.keep_alive || (!length && !in_chunks_ && !without_body_) ||
            (request_.framing != BodyFraming::none && !body_over_);
  pending_ = fmt::format("HTTP/1.1 {} {}\r\n", status, reason_of(status));
  for (const auto& header : headers) {
    const bool framing = std::ranges::any_of(
        kFraming, [&](std::string_view name) { return base::equals_ignoring_case(header.name, name); });
    if (!framing) pending_.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  // A HEAD's reply names the length that a GET's would have; 204 has none.
  if (length && status != kNoContent) pending_ += fmt::format("Content-Length: {}\r\n", *length);
  if (in_chunks_) pending_ += "Transfer-Encoding: chunked\r\n";
  if (closes_) pending_ += "Connection: close\r\n";
  pending_ += "\r\n";
  return true;
}

bool Exchange::flush(std::span<const std::byte> bytes) {
  const std::string head = std::exchange(pending_, {});
  gone_ = gone_ || !connection_.send(head, bytes);
  return !gone_;
}

bool Exchange::write_reply(std::span<const std::byte> bytes) {
  if (without_body_ || bytes.empty()) return !gone_;
  if (in_chunks_) {
    pending_ += fmt::format("{:x}\r\n", bytes.size());
    const bool sent = flush(bytes);
    pending_ = "\r\n";
    return sent;
  }
  left_ -= std::min<std::uint64_t>(left_, bytes.size());
  return flush(bytes);
}

bool Exchange::end_reply() {
  if (in_chunks_) pending_ += "0\r\n\r\n";
  ended_ = flush({}) && left_ == 0;
  return ended_;
}

bool Exchange::answer(int status, const std::vector<Header>& headers, std::string_view body) {
  return begin_reply(status, headers, body.size()) && write_reply(std::as_bytes(std::span(body))) && end_reply();
}

bool Exchange::may_go_on() const { return ended_ && !closes_ && (request_.framing == BodyFraming::none || body_over_); }

}  // namespace http
