// The one type that holds a secret: locked in memory, kept out of core files, wiped at the end. It has no ==, no
// conversion to a string and no printing: what cannot be written cannot leak.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace secret {

class Bytes {
 public:
  Bytes() = default;
  /// `size` zero bytes, to be filled in place. Out of lockable memory: the bytes are still guarded and wiped.
  explicit Bytes(std::size_t size);
  Bytes(Bytes&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept;
  ~Bytes();

  /// A copy of bytes that already lie in a place the caller wipes or does not own.
  static Bytes copy_of(std::span<const std::byte> bytes);
  static Bytes copy_of(std::string_view text);
  Bytes clone() const;
  /// Both, one after the other.
  static Bytes concatenated(const Bytes& first, const Bytes& second);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Opens the secret for the length of one call: use(std::span<const std::byte>). The layers test knows every file
  /// that may call it.
  template <class Use>
  decltype(auto) reveal(Use&& use) const {
    return std::invoke(std::forward<Use>(use), std::span<const std::byte>(data_, size_));
  }
  /// As reveal, for those who want text: use(std::string_view).
  template <class Use>
  decltype(auto) reveal_text(Use&& use) const {
    return std::invoke(std::forward<Use>(use), std::string_view(reinterpret_cast<const char*>(data_), size_));
  }
  /// Opens the memory for writing in place: fill(std::span<std::byte>).
  template <class Fill>
  decltype(auto) edit(Fill&& fill) {
    return std::invoke(std::forward<Fill>(fill), std::span<std::byte>(data_, size_));
  }
  /// Forgets all bytes past the first `size`; they are wiped.
  void shrink(std::size_t size);

  /// Constant time for equal lengths.
  bool equals(const Bytes& other) const;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Grows while a secret arrives in pieces; old memory is wiped at every growth.
class Buffer {
 public:
  explicit Buffer(std::size_t limit) : limit_(limit) {}
  /// Room for at least one more byte; empty when the limit is reached.
  std::span<std::byte> room();
  void filled(std::size_t count) { used_ += count; }
  /// False when the limit would be passed; nothing is added then.
  bool append(std::span<const std::byte> bytes);
  Bytes take() &&;

 private:
  Bytes bytes_;
  std::size_t used_ = 0;
  std::size_t limit_;
};

}  // namespace secret
