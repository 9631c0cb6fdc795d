#include "agent/connection.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

namespace agent {
namespace {

bool may_go_on(ssize_t result) { return result < 0 && (errno == EAGAIN || errno == EINTR); }

}  // namespace

bool Connection::read_on(std::optional<secret::Bytes>& body) {
  if (header_read_ < kHeaderBytes) {
    const ssize_t n = read(fd_.get(), header_.data() + header_read_, kHeaderBytes - header_read_);
    if (n <= 0) return may_go_on(n);
    header_read_ += static_cast<std::size_t>(n);
    if (header_read_ < kHeaderBytes) return true;
    const auto length = body_length(header_);
    if (!length) return false;
    body_.emplace(*length);
    body_left_ = *length;
  }
  const auto room = body_->room();
  const ssize_t n = read(fd_.get(), room.data(), std::min(room.size(), body_left_));
  if (n <= 0) return may_go_on(n);
  body_->filled(static_cast<std::size_t>(n));
  body_left_ -= static_cast<std::size_t>(n);
  if (body_left_ > 0) return true;
  header_read_ = 0;
  body = std::move(*std::exchange(body_, std::nullopt)).take();
  return true;
}

void Connection::reply(const secret::Bytes& body) {
  reply_ = secret::Bytes::concatenated(secret::Bytes::copy_of(frame_header(body.size())), body);
  written_ = 0;
}

bool Connection::write_on() {
  const ssize_t n = reply_.reveal([&](std::span<const std::byte> bytes) {
    const auto rest = bytes.subspan(written_);
    return write(fd_.get(), rest.data(), rest.size());
  });
  if (n < 0) return may_go_on(n);
  written_ += static_cast<std::size_t>(n);
  if (written_ == reply_.size()) reply_ = {};
  return true;
}

}  // namespace agent
