#include "base/base64.h"

#include <string_view>

namespace base {
namespace {

/// The digits without padding; `last` are those of 62 and 63.
std::string digits_of(std::span<const std::byte> bytes, std::string_view last) {
  std::string signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  signs += last;
  std::string out;
  unsigned bits = 0, held = 0;
  for (const auto byte : bytes) {
    bits = (bits << 8U) | std::to_integer<unsigned>(byte);
    for (held += 8; held >= 6; held -= 6) out += signs[(bits >> (held - 6U)) & 63U];
    bits &= (1U << held) - 1U;
  }
  if (held > 0) out += signs[(bits << (6U - held)) & 63U];
  return out;
}

}  // namespace

std::string base64(std::span<const std::byte> bytes) {
  auto out = digits_of(bytes, "+/");
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::string base64url(std::span<const std::byte> bytes) { return digits_of(bytes, "-_"); }

}  // namespace base
