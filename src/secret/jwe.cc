#include "secret/jwe.h"

#include "base/text.h"
#include "secret/crypto_library.h"
#include "secret/json_reader.h"
#include "secret/pem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace secret {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kAlgorithm = "PBES2-HS256+A128KW";
constexpr std::string_view kEncryption = "A256GCM";
constexpr std::size_t kParts = 5;
constexpr std::size_t kLongestHeader = 4096;
// The iterations are the file's word: fewer than the least of RFC 7518 is no seal, more than the most (about a second)
// is a trap. The tools write 8,192.
constexpr std::int64_t kLeastIterations = 1000;
constexpr std::int64_t kMostIterations = 2'000'000;
constexpr std::size_t kShortestSalt = 8;
constexpr std::size_t kLongestSalt = 512;
constexpr std::size_t kWrappingKeySize = 16;
constexpr std::size_t kContentKeySize = 32;
constexpr std::size_t kWrappedKeySize = kContentKeySize + 8;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

struct Header {
  std::string algorithm;
  std::string encryption;
  std::int64_t iterations = 0;
  std::string salt;   // base64url
  std::string extra;  // a member that would change the meaning
};

std::unexpected<base::Error> damaged(std::string_view what) {
  return fail(ErrorKind::store_damaged, fmt::format("it is damaged: {}", what));
}

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

base::Result<void> read_member(JsonReader& json, std::string_view name, Header& header) {
  if (name == "alg") {
    header.algorithm = TRY(json.text());
  } else if (name == "enc") {
    header.encryption = TRY(json.text());
  } else if (name == "p2c") {
    header.iterations = TRY(json.integer());
  } else if (name == "p2s") {
    header.salt = TRY(json.text());
  } else {
    if (name == "crit" || name == "zip") header.extra = name;
    TRY(json.skip());
  }
  return {};
}

base::Result<Header> read_header(Bytes text) {
  Header header;
  const auto read = text.edit([&](std::span<std::byte> bytes) -> base::Result<void> {
    JsonReader json(bytes);
    TRY(json.object([&](std::string_view name) { return read_member(json, name, header); }));
    return json.end();
  });
  if (!read) return damaged("its header is not the JSON expected");
  if (header.algorithm != kAlgorithm || header.encryption != kEncryption || !header.extra.empty())
    return fail(
        ErrorKind::refused,
        header.extra.empty()
            ? fmt::format("it is sealed in a way that this version does not know: {} with {}",
                          base::printable(header.algorithm, 40), base::printable(header.encryption, 40))
            : fmt::format("it is sealed in a way that this version does not know: its header has {}", header.extra));
  if (header.iterations < kLeastIterations || header.iterations > kMostIterations)
    return fail(ErrorKind::refused, fmt::format("it asks for {} rounds of PBKDF2; {} to {} are read", header.iterations,
                                                kLeastIterations, kMostIterations));
  return header;
}

/// As RFC 7518 4.8.1.1 salts: the algorithm's name, a zero byte, and the salt of the header.
base::Result<Bytes> wrapping_key(const CryptoLibrary& library, const Header& header, const Bytes& passphrase) {
  const auto input = decode_base64(header.salt, Base64::url);
  if (!input || input->size() < kShortestSalt || input->size() > kLongestSalt) return damaged("its salt");
  std::string salt(kAlgorithm);
  salt += '\0';
  input->reveal_text([&](std::string_view text) { salt += text; });
  Bytes key(kWrappingKeySize);
  const int done = passphrase.reveal([&](std::span<const std::byte> from) {
    return key.edit([&](std::span<std::byte> to) {
      return library.PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(from.data()), static_cast<int>(from.size()),
                                       reinterpret_cast<const unsigned char*>(salt.data()),
                                       static_cast<int>(salt.size()), static_cast<int>(header.iterations),
                                       library.EVP_sha256(), static_cast<int>(to.size()), raw(to));
    });
  });
  if (done != 1) return fail(ErrorKind::failure, "libcrypto cannot derive a key");
  return key;
}

base::Result<Bytes> unwrapped(const CryptoLibrary& library, const Bytes& wrapping_key, const Bytes& wrapped) {
  const Crypto<EVP_CIPHER_CTX> context(library.EVP_CIPHER_CTX_new(), library.EVP_CIPHER_CTX_free);
  library.EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes key(kWrappedKeySize);
  const bool open = wrapping_key.reveal([&](std::span<const std::byte> with) {
    return wrapped.reveal([&](std::span<const std::byte> from) {
      return key.edit([&](std::span<std::byte> to) {
        int size = 0;
        return library.EVP_DecryptInit_ex(context.get(), library.EVP_aes_128_wrap(), nullptr, raw(with), nullptr) ==
                   1 &&
               library.EVP_DecryptUpdate(context.get(), raw(to), &size, raw(from), static_cast<int>(from.size())) ==
                   1 &&
               size == static_cast<int>(kContentKeySize);
      });
    });
  });
  library.ERR_clear_error();
  if (!open) return fail(ErrorKind::store_locked, "the passphrase does not open it");
  key.shrink(kContentKeySize);
  return key;
}

/// The parts that are bytes, in the order in which they stand.
struct Sealed {
  Bytes wrapped_key, nonce, text, tag;
};

base::Result<Bytes> opened(const CryptoLibrary& library, const Bytes& key, std::string_view header,
                           const Sealed& sealed) {
  const Crypto<EVP_CIPHER_CTX> context(library.EVP_CIPHER_CTX_new(), library.EVP_CIPHER_CTX_free);
  // libcrypto takes the tag as something that it might write to.
  std::array<std::byte, kTagSize> tag{};
  sealed.tag.reveal([&](std::span<const std::byte> from) { std::ranges::copy(from, tag.begin()); });
  Bytes out(sealed.text.size() + kTagSize);
  int size = 0, last = 0;
  const auto decrypt = [&](std::span<const std::byte> with, std::span<const std::byte> nonce,
                           std::span<const std::byte> from, std::span<std::byte> to) {
    return library.EVP_DecryptInit_ex(context.get(), library.EVP_aes_256_gcm(), nullptr, raw(with), raw(nonce)) == 1 &&
           library.EVP_DecryptUpdate(context.get(), nullptr, &size, raw(std::as_bytes(std::span(header))),
                                     static_cast<int>(header.size())) == 1 &&
           library.EVP_DecryptUpdate(context.get(), raw(to), &size, raw(from), static_cast<int>(from.size())) == 1 &&
           library.EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
           library.EVP_DecryptFinal_ex(context.get(), raw(to.subspan(static_cast<std::size_t>(size))), &last) == 1;
  };
  const bool good = key.reveal([&](std::span<const std::byte> with) {
    return sealed.nonce.reveal([&](std::span<const std::byte> nonce) {
      return sealed.text.reveal([&](std::span<const std::byte> from) {
        return out.edit([&](std::span<std::byte> to) { return decrypt(with, nonce, from, to); });
      });
    });
  });
  library.ERR_clear_error();
  if (!good) return damaged("its text was changed");
  out.shrink(static_cast<std::size_t>(size) + static_cast<std::size_t>(last));
  return out;
}

base::Result<Bytes> open_text(std::string_view token, const Bytes& passphrase) {
  const auto parts = base::split(base::trim_lines(token), '.');
  if (parts.size() != kParts) return damaged("it is no JWE");
  auto header_text = decode_base64(parts[0], Base64::url);
  if (!header_text || header_text->size() > kLongestHeader) return damaged("its header");
  const Header header = TRY(read_header(std::move(*header_text)));
  auto wrapped = decode_base64(parts[1], Base64::url);
  auto nonce = decode_base64(parts[2], Base64::url);
  auto text = decode_base64(parts[3], Base64::url);
  auto tag = decode_base64(parts[4], Base64::url);
  if (!wrapped || wrapped->size() != kWrappedKeySize || !nonce || nonce->size() != kNonceSize || !text || !tag ||
      tag->size() != kTagSize)
    return damaged("a part of it is too short, or no base64");
  const Sealed sealed{std::move(*wrapped), std::move(*nonce), std::move(*text), std::move(*tag)};
  const CryptoLibrary& library = *TRY(CryptoLibrary::load());
  const Bytes outer = TRY(wrapping_key(library, header, passphrase));
  const Bytes inner = TRY(unwrapped(library, outer, sealed.wrapped_key));
  return opened(library, inner, parts[0], sealed);
}

}  // namespace

base::Result<Bytes> open_jwe(const Bytes& token, const Bytes& passphrase) {
  return token.reveal_text([&](std::string_view text) { return open_text(text, passphrase); });
}

}  // namespace secret
