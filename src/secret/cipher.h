// The one cipher: XChaCha20-Poly1305 with a random nonce. All of libsodium's seals are made here.
#pragma once

#include "secret/bytes.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

inline constexpr std::size_t kKeySize = 32;

/// Before any other call of libsodium; a second call is free.
void need_sodium();

Bytes random_key();
/// `count` random bytes in hex; for ids and salts, not for secrets.
std::string random_hex(std::size_t count);

/// Nonce, ciphertext and tag. `bound` is authenticated with it and must be the same to open.
std::vector<std::byte> seal(const Bytes& key, const Bytes& plain, std::string_view bound);
/// nullopt where key, bound text or bytes are not those of seal().
std::optional<Bytes> open_sealed(const Bytes& key, std::span<const std::byte> sealed, std::string_view bound);

/// Parts joined with their lengths, for `bound`.
std::string joined_with_lengths(std::span<const std::string_view> parts);

}  // namespace secret
