// RFC 4226 truncation and the RFC 6238 step.
#include "totp.h"

#include <algorithm>

namespace sim {

std::int64_t totp_step(base::Instant when) {
  return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count() / kTotpStepSeconds;
}

std::string hotp(std::string_view secret, std::int64_t counter, int digits, TotpHash hash) {
  std::string message(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    message[i] = static_cast<char>((static_cast<std::uint64_t>(counter) >> (56U - 8U * i)) & 0xFFU);
  const std::string digest = hmac(hash, secret, message);
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(digest[at])); };
  const std::size_t offset = byte(digest.size() - 1) & 15U;
  const std::uint32_t number =
      ((byte(offset) & 0x7FU) << 24U) | (byte(offset + 1) << 16U) | (byte(offset + 2) << 8U) | byte(offset + 3);
  std::uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  const std::string text = std::to_string(number % modulus);
  return std::string(
             static_cast<std::size_t>(digits) - std::min<std::size_t>(static_cast<std::size_t>(digits), text.size()),
             '0') +
         text;
}

}  // namespace sim
