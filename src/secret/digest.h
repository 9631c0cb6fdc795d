// A fingerprint of fields (BLAKE2b): for names, for checksums, and for telling whether two values are the same. It is
// not a cipher and hides nothing that can be guessed; with a key it hides from those who lack the key.
#pragma once

#include "secret/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace secret {

inline constexpr std::size_t kHashSize = 32;

using Hash = std::array<std::byte, kHashSize>;

/// Lowest byte first: how lengths are written.
std::array<std::byte, 8> bytes_of_number(std::uint64_t number);

/// SHA-256, for the protocols that ask for it.
Hash sha256(const Bytes& bytes);

/// SHA-256 of bytes that come in pieces and are no secret.
class Sha256 {
 public:
  Sha256();
  Sha256& add(std::span<const std::byte> bytes);
  /// Begins anew afterwards.
  Hash take();

 private:
  // libsodium's state, whose header stays out of this one
  alignas(8) std::array<std::byte, 104> state_;
};

class Digest {
 public:
  Digest();
  explicit Digest(const Bytes& key);  // at most 64 bytes are used
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  /// Each field goes in with its length, so that no two lists of fields give the same fingerprint.
  Digest& add(std::span<const std::byte> field);
  Digest& add(std::string_view field) { return add(std::as_bytes(std::span(field))); }
  Digest& add(std::uint64_t number);
  Digest& add_secret(const Bytes& field);

  Hash finish();
  /// The same, for a fingerprint that is itself a key.
  Bytes finish_secret();
  /// The same as 64 hex digits.
  std::string hex();

 private:
  void update(std::span<const std::byte> bytes);
  void finish_into(std::span<std::byte> out);

  // libsodium's state, whose header stays out of this one
  alignas(64) std::array<std::byte, 384> state_;
};

}  // namespace secret
