// Hashing, base32 and random text on libcrypto, and AWS's layout of access key ids.
#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sim {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kKeyIdPrefix = 4;
constexpr std::size_t kKeyIdTail = 16;

const EVP_MD* digest_of(TotpHash hash) {
  switch (hash) {
    case TotpHash::sha1:
      return EVP_sha1();
    case TotpHash::sha256:
      return EVP_sha256();
    case TotpHash::sha512:
      return EVP_sha512();
  }
  std::abort();
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string digest(const EVP_MD* hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, hash, nullptr) != 1) std::abort();
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

}  // namespace

std::string hex_text(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string sha256(std::string_view text) { return digest(EVP_sha256(), text); }
std::string sha1(std::string_view text) { return digest(EVP_sha1(), text); }

std::string sha256_hex(std::string_view text) { return hex_text(sha256(text)); }

std::string base64_encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text), static_cast<int>(text.size()));
  if (text.size() % 4 != 0 || size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  out.resize(static_cast<std::size_t>(size) - std::min(padding, static_cast<std::size_t>(size)));
  // OpenSSL skips white space at both ends; here the text is all there is.
  if (base64_encode(out) != text) return std::nullopt;
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  out.resize(std::min(out.find('='), out.size()));
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return base64_decode(standard);
}

std::string hmac(TotpHash hash, std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), digest.data(),
           &size) == nullptr)
    std::abort();
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hmac_sha256(std::string_view key, std::string_view text) { return hmac(TotpHash::sha256, key, text); }

std::optional<std::string> base32_decode(std::string_view text) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (char c : text) {
    if (c == ' ' || c == '=' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const std::size_t value = kBase32.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 5U) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((buffer >> bits) & 0xFFU);
    }
  }
  return out;
}

std::string base32_encode(std::string_view bytes) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8U) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kBase32[(buffer >> bits) & 31U];
    }
  }
  if (bits > 0) out += kBase32[(buffer << (5 - bits)) & 31U];
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) std::abort();
  return out;
}

std::string random_text(std::size_t count, std::string_view alphabet) {
  std::string out = random_bytes(count);
  for (char& c : out) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
  return out;
}

std::string random_uuid() {
  std::string hex = hex_text(random_bytes(16));
  hex[12] = '4';
  hex[16] = '8';
  return with_uuid_dashes(hex);
}

std::string with_uuid_dashes(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += hex[i];
  }
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string make_access_key_id(std::string_view prefix, std::string_view account) {
  // The first 48 bits behind the prefix are: 1, the 40 bits of the account number, 7 bits more.
  constexpr std::uint64_t newer_form = 1ULL << 47U;
  const std::uint64_t number = std::strtoull(std::string(account).c_str(), nullptr, 10);
  std::string bytes = random_bytes(10);
  const std::uint64_t head = newer_form | (number << 7U) | (static_cast<unsigned char>(bytes[5]) & 0x7FU);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<char>((head >> (40U - 8U * i)) & 0xFFU);
  return std::string(prefix) + base32_encode(bytes);
}

std::optional<std::string> account_of_key_id(std::string_view key_id) {
  if (key_id.size() != kKeyIdPrefix + kKeyIdTail) return std::nullopt;
  const std::optional<std::string> bytes = base32_decode(key_id.substr(kKeyIdPrefix));
  if (!bytes || bytes->size() < 6) return std::nullopt;
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 6; ++i) head = (head << 8U) | static_cast<unsigned char>((*bytes)[i]);
  std::string digits = std::to_string((head & 0x7FFFFFFFFF80ULL) >> 7U);
  return std::string(12 - std::min<std::size_t>(12, digits.size()), '0') + digits;
}

}  // namespace sim
