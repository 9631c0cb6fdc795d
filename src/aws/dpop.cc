#include "aws/dpop.h"

#include "base/base64.h"
#include "secret/cipher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>

namespace aws {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kHalf = 32;  // of a P-256 point, and of its signature
// SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point (RFC 5480).
constexpr std::array<unsigned char, 27> kP256Start{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

std::string coded(std::string_view text) { return base::base64url(std::as_bytes(std::span(text))); }

bool is_p256(const secret::Der& key) {
  const auto same = [](unsigned char expected, std::byte given) {
    return expected == std::to_integer<unsigned>(given);
  };
  return key.size() == kP256Start.size() + 2 * kHalf &&
         std::equal(kP256Start.begin(), kP256Start.end(), key.begin(), same);
}

/// Takes one INTEGER of at most 32 bytes into the end of `to`; false where there is none.
bool take_number(Bytes& der, std::span<std::byte> to) {
  if (der.size() < 2 || der[0] != std::byte{0x02}) return false;
  const auto size = std::to_integer<std::size_t>(der[1]);
  if (size == 0 || size > kHalf + 1 || der.size() < 2 + size) return false;
  auto number = der.subspan(2, size);
  der = der.subspan(2 + size);
  if (number.size() == kHalf + 1) number = number.subspan(1);
  std::ranges::copy(number, to.subspan(kHalf - number.size()).begin());
  return true;
}

/// ECDSA's two numbers side by side, as a web token has them; nullopt where the signature is none of P-256.
std::optional<std::array<std::byte, 2 * kHalf>> side_by_side(Bytes der) {
  if (der.size() < 2 || der[0] != std::byte{0x30} || std::to_integer<std::size_t>(der[1]) != der.size() - 2)
    return std::nullopt;
  der = der.subspan(2);
  std::array<std::byte, 2 * kHalf> out{};
  const std::span<std::byte> to(out);
  if (!take_number(der, to.first(kHalf)) || !take_number(der, to.last(kHalf)) || !der.empty()) return std::nullopt;
  return out;
}

}  // namespace

base::Result<std::string> dpop_proof(secret::SigningKey& key, std::string_view url, base::Instant when,
                                     std::string_view id) {
  if (!is_p256(key.public_key()))
    return base::fail(base::ErrorKind::failure, "the key of the sign-in is not one of the curve P-256");
  const Bytes point = Bytes(key.public_key()).subspan(kP256Start.size());
  const auto header =
      fmt::format(R"({{"typ":"dpop+jwt","alg":"ES256","jwk":{{"kty":"EC","x":"{}","y":"{}","crv":"P-256"}}}})",
                  base::base64url(point.first(kHalf)), base::base64url(point.last(kHalf)));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count();
  const auto payload = fmt::format(R"({{"jti":"{}","htm":"POST","htu":"{}","iat":{}}})", id, url, seconds);
  auto token = coded(header) + "." + coded(payload);
  const auto signature = side_by_side(TRY(key.sign(token)));
  if (!signature) return base::fail(base::ErrorKind::failure, "the signature of the proof is none of P-256");
  return token + "." + base::base64url(*signature);
}

std::string make_uuid() {
  auto digits = secret::random_hex(16);
  digits[12] = '4';
  digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) % 4];
  for (const std::size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, "-");
  return digits;
}

}  // namespace aws
