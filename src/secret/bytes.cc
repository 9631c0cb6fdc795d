#include "secret/bytes.h"

#include "secret/locked_memory.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace secret {
namespace {

constexpr std::size_t kFirstRoom = 4096;

}  // namespace

Bytes::Bytes(std::size_t size) : data_(allocate_locked(size)), size_(size) {}

Bytes& Bytes::operator=(Bytes&& other) noexcept {
  if (this != &other) {
    release_locked(data_, size_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Bytes::~Bytes() { release_locked(data_, size_); }

Bytes Bytes::copy_of(std::span<const std::byte> bytes) {
  Bytes out(bytes.size());
  if (!bytes.empty()) std::memcpy(out.data_, bytes.data(), bytes.size());
  return out;
}

Bytes Bytes::copy_of(std::string_view text) { return copy_of(std::as_bytes(std::span(text))); }

Bytes Bytes::clone() const { return copy_of(std::span<const std::byte>(data_, size_)); }

Bytes Bytes::concatenated(const Bytes& first, const Bytes& second) {
  Bytes out(first.size_ + second.size_);
  if (first.size_ != 0) std::memcpy(out.data_, first.data_, first.size_);
  if (second.size_ != 0) std::memcpy(out.data_ + first.size_, second.data_, second.size_);
  return out;
}

void Bytes::shrink(std::size_t size) {
  assert(size <= size_);
  if (size == size_) return;
  *this = copy_of(std::span<const std::byte>(data_, size));
}

bool Bytes::equals(const Bytes& other) const {
  return size_ == other.size_ && (size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0);
}

std::span<std::byte> Buffer::room() {
  if (used_ == bytes_.size() && used_ < limit_) {
    Bytes larger(std::min(limit_, std::max(kFirstRoom, used_ * 2)));
    larger.edit([&](std::span<std::byte> to) {
      bytes_.reveal([&](std::span<const std::byte> from) { std::ranges::copy(from, to.begin()); });
    });
    bytes_ = std::move(larger);
  }
  return bytes_.edit([&](std::span<std::byte> all) { return all.subspan(used_); });
}

bool Buffer::append(std::span<const std::byte> bytes) {
  if (bytes.size() > limit_ - used_) return false;
  while (!bytes.empty()) {
    const auto to = room();
    const auto count = std::min(to.size(), bytes.size());
    std::ranges::copy(bytes.first(count), to.begin());
    filled(count);
    bytes = bytes.subspan(count);
  }
  return true;
}

Bytes Buffer::take() && {
  bytes_.shrink(used_);
  used_ = 0;
  return std::move(bytes_);
}

}  // namespace secret
