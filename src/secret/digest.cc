#include "secret/digest.h"

#include "base/text.h"
#include "secret/cipher.h"

#include <sodium.h>

#include <algorithm>

namespace secret {
namespace {

static_assert(sizeof(crypto_generichash_state) == 384);

const unsigned char* bytes_of(std::span<const std::byte> span) {
  return reinterpret_cast<const unsigned char*>(span.data());
}

crypto_generichash_state* state_in(std::span<std::byte> room) {
  return reinterpret_cast<crypto_generichash_state*>(room.data());
}

}  // namespace

std::array<std::byte, 8> bytes_of_number(std::uint64_t number) {
  std::array<std::byte, 8> out{};
  for (auto& byte : out) {
    byte = static_cast<std::byte>(number & 0xFF);
    number >>= 8;
  }
  return out;
}

Hash sha256(const Bytes& bytes) {
  need_sodium();
  static_assert(crypto_hash_sha256_BYTES == kHashSize);
  Hash out{};
  bytes.reveal([&](std::span<const std::byte> text) {
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), text.size());
  });
  return out;
}

static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(std::array<std::byte, 104>));

Sha256::Sha256() {
  need_sodium();
  crypto_hash_sha256_init(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()));
}

Sha256& Sha256::add(std::span<const std::byte> bytes) {
  crypto_hash_sha256_update(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()), bytes_of(bytes), bytes.size());
  return *this;
}

Hash Sha256::take() {
  Hash out{};
  auto* const state = reinterpret_cast<crypto_hash_sha256_state*>(state_.data());
  crypto_hash_sha256_final(state, reinterpret_cast<unsigned char*>(out.data()));
  crypto_hash_sha256_init(state);
  return out;
}

Digest::Digest() {
  need_sodium();
  crypto_generichash_init(state_in(state_), nullptr, 0, kHashSize);
}

Digest::Digest(const Bytes& key) {
  need_sodium();
  key.reveal([&](std::span<const std::byte> bytes) {
    crypto_generichash_init(state_in(state_), bytes_of(bytes),
                            std::min<std::size_t>(bytes.size(), crypto_generichash_KEYBYTES_MAX), kHashSize);
  });
}

Digest::~Digest() { sodium_memzero(state_.data(), state_.size()); }

void Digest::update(std::span<const std::byte> bytes) {
  crypto_generichash_update(state_in(state_), bytes_of(bytes), bytes.size());
}

Digest& Digest::add(std::span<const std::byte> field) {
  add(static_cast<std::uint64_t>(field.size()));
  update(field);
  return *this;
}

Digest& Digest::add(std::uint64_t number) {
  update(bytes_of_number(number));
  return *this;
}

Digest& Digest::add_secret(const Bytes& field) {
  field.reveal([&](std::span<const std::byte> bytes) { add(bytes); });
  return *this;
}

void Digest::finish_into(std::span<std::byte> out) {
  crypto_generichash_final(state_in(state_), reinterpret_cast<unsigned char*>(out.data()), out.size());
}

Hash Digest::finish() {
  Hash out{};
  finish_into(out);
  return out;
}

Bytes Digest::finish_secret() {
  Bytes out(kHashSize);
  out.edit([&](std::span<std::byte> to) { finish_into(to); });
  return out;
}

std::string Digest::hex() { return base::hex(finish()); }

}  // namespace secret
