#include "secret/digest.h"

#include "base/text.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <span>

namespace secret {
namespace {

constexpr std::size_t kSize = 32;

}  // namespace

struct Digest::State {
  crypto_generichash_state hash{};
  ~State() { sodium_memzero(&hash, sizeof hash); }
  void update(std::span<const std::byte> bytes) {
    crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
};

Digest::Digest() : state_(std::make_unique<State>()) { crypto_generichash_init(&state_->hash, nullptr, 0, kSize); }

Digest::Digest(const Bytes& key) : state_(std::make_unique<State>()) {
  key.reveal([&](std::span<const std::byte> bytes) {
    crypto_generichash_init(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                            std::min<std::size_t>(bytes.size(), crypto_generichash_KEYBYTES_MAX), kSize);
  });
}

Digest::~Digest() = default;

Digest& Digest::add(std::string_view field) {
  add(static_cast<std::uint64_t>(field.size()));
  state_->update(std::as_bytes(std::span(field)));
  return *this;
}

Digest& Digest::add(std::uint64_t number) {
  std::array<std::byte, 8> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<std::byte>(number & 0xff);
    number >>= 8;
  }
  state_->update(bytes);
  return *this;
}

Digest& Digest::add_secret(const Bytes& field) {
  add(static_cast<std::uint64_t>(field.size()));
  field.reveal([&](std::span<const std::byte> bytes) { state_->update(bytes); });
  return *this;
}

std::string Digest::hex() {
  std::array<std::byte, kSize> out{};
  crypto_generichash_final(&state_->hash, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return base::hex(out);
}

}  // namespace secret
