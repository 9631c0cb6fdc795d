#include "deliver/token.h"

#include "secret/cipher.h"

#include <string_view>

namespace deliver {

secret::Bytes new_token() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const secret::Bytes key = secret::random_key();
  secret::Bytes out(key.size() * 2);
  key.reveal([&](std::span<const std::byte> from) {
    out.edit([&](std::span<std::byte> to) {
      for (std::size_t i = 0; i < from.size(); ++i) {
        const auto value = std::to_integer<unsigned>(from[i]);
        to[2 * i] = static_cast<std::byte>(kDigits[value >> 4]);
        to[2 * i + 1] = static_cast<std::byte>(kDigits[value & 15]);
      }
    });
  });
  return out;
}

}  // namespace deliver
