// The one cipher: XChaCha20-Poly1305 with a random nonce, and BLAKE2b for hashes. All of libsodium's seals are made
// here.
#pragma once

#include "secret/bytes.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kHashSize = 32;

using Hash = std::array<std::byte, kHashSize>;

Bytes random_key();
/// `count` random bytes in hex; for ids and salts, not for secrets.
std::string random_hex(std::size_t count);

/// Nonce, ciphertext and tag. `bound` is authenticated with it and must be the same to open.
std::vector<std::byte> seal(const Bytes& key, const Bytes& plain, std::string_view bound);
/// nullopt where key, bound text or bytes are not those of seal().
std::optional<Bytes> open_sealed(const Bytes& key, std::span<const std::byte> sealed, std::string_view bound);

/// A hash over several parts; each part's length counts, so that bytes cannot move from one to the next.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  Hasher& add(std::span<const std::byte> part);
  Hasher& add(std::string_view part) { return add(std::as_bytes(std::span(part))); }
  Hash finish();
  /// The same, for a hash that is itself a key.
  Bytes finish_secret();

 private:
  alignas(64) std::array<std::byte, 384> state_;
};

/// Parts joined with their lengths, for `bound`.
std::string joined_with_lengths(std::span<const std::string_view> parts);

}  // namespace secret
