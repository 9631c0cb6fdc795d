#include "secret/cipher.h"

#include "base/text.h"
#include "secret/digest.h"

#include <sodium.h>

#include <cstdlib>

namespace secret {
namespace {

constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::span<const std::byte> span) {
  return reinterpret_cast<const unsigned char*>(span.data());
}
unsigned char* room_of(std::span<std::byte> span) { return reinterpret_cast<unsigned char*>(span.data()); }

}  // namespace

void need_sodium() {
  if (sodium_init() < 0) std::abort();
}

Bytes random_key() {
  need_sodium();
  Bytes key(kKeySize);
  key.edit([](std::span<std::byte> out) { randombytes_buf(out.data(), out.size()); });
  return key;
}

std::string random_hex(std::size_t count) {
  need_sodium();
  std::vector<std::byte> bytes(count);
  randombytes_buf(bytes.data(), bytes.size());
  return base::hex(bytes);
}

std::vector<std::byte> seal(const Bytes& key, const Bytes& plain, std::string_view bound) {
  need_sodium();
  if (key.size() != kKeySize) std::abort();
  std::vector<std::byte> out(kNonceSize + plain.size() + kTagSize);
  const std::span<std::byte> nonce = std::span(out).first(kNonceSize);
  const std::span<std::byte> body = std::span(out).subspan(kNonceSize);
  randombytes_buf(nonce.data(), nonce.size());
  key.reveal([&](std::span<const std::byte> k) {
    plain.reveal([&](std::span<const std::byte> p) {
      crypto_aead_xchacha20poly1305_ietf_encrypt(room_of(body), nullptr, bytes_of(p), p.size(),
                                                 reinterpret_cast<const unsigned char*>(bound.data()), bound.size(),
                                                 nullptr, bytes_of(nonce), bytes_of(k));
    });
  });
  return out;
}

std::optional<Bytes> open_sealed(const Bytes& key, std::span<const std::byte> sealed, std::string_view bound) {
  need_sodium();
  if (key.size() != kKeySize || sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const auto nonce = sealed.first(kNonceSize);
  const auto body = sealed.subspan(kNonceSize);
  Bytes plain(body.size() - kTagSize);
  const int outcome = key.reveal([&](std::span<const std::byte> k) {
    return plain.edit([&](std::span<std::byte> p) {
      return crypto_aead_xchacha20poly1305_ietf_decrypt(room_of(p), nullptr, nullptr, bytes_of(body), body.size(),
                                                        reinterpret_cast<const unsigned char*>(bound.data()),
                                                        bound.size(), bytes_of(nonce), bytes_of(k));
    });
  });
  if (outcome != 0) return std::nullopt;
  return plain;
}

std::string joined_with_lengths(std::span<const std::string_view> parts) {
  std::string out;
  for (const auto part : parts) {
    for (const auto byte : bytes_of_number(part.size())) out += static_cast<char>(byte);
    out += part;
  }
  return out;
}

}  // namespace secret
