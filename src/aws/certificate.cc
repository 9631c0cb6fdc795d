#include "aws/certificate.h"

#include "base/text.h"
#include "secret/crypto_library.h"
#include "secret/pem.h"

#include <array>
#include <ctime>
#include <optional>
#include <span>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;
using secret::Crypto;
using secret::CryptoLibrary;

constexpr std::size_t kLongestName = 2048;

std::optional<base::Instant> instant_of(const CryptoLibrary& library, const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || library.ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return base::Instant(std::chrono::seconds(timegm(&parts)));
}

std::string name_of(const CryptoLibrary& library, const X509_NAME* name) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(library.BIO_new(library.BIO_s_mem()), library.BIO_free);
  if (library.X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  std::array<char, kLongestName> text{};
  const int size = library.BIO_read(out.get(), text.data(), static_cast<int>(text.size()));
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string digits_of(const CryptoLibrary& library, const BIGNUM* number, decltype(&::BN_bn2dec) write) {
  char* const text = write(number);
  std::string out = text == nullptr ? "" : text;
  library.CRYPTO_free(text, "", 0);
  return out;
}

}  // namespace

base::Result<Certificate> read_certificate(const secret::Der& der) {
  const CryptoLibrary& library = *TRY(CryptoLibrary::load());
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const Crypto<X509> parsed(library.d2i_X509(nullptr, &at, static_cast<long>(der.size())), library.X509_free);
  library.ERR_clear_error();
  const auto unreadable = [] { return fail(ErrorKind::failure, "the certificate cannot be decoded"); };
  if (!parsed) return unreadable();
  Certificate out;
  out.der = der;
  const X509_PUBKEY* const key = library.X509_get_X509_PUBKEY(parsed.get());
  const int size = library.i2d_X509_PUBKEY(key, nullptr);
  if (size <= 0) return unreadable();
  out.public_key.resize(static_cast<std::size_t>(size));
  auto* to = reinterpret_cast<unsigned char*>(out.public_key.data());
  library.i2d_X509_PUBKEY(key, &to);
  const Crypto<BIGNUM> serial(library.ASN1_INTEGER_to_BN(library.X509_get0_serialNumber(parsed.get()), nullptr),
                              library.BN_free);
  out.serial = digits_of(library, serial.get(), library.BN_bn2dec);
  out.serial_hex = digits_of(library, serial.get(), library.BN_bn2hex);
  out.subject = name_of(library, library.X509_get_subject_name(parsed.get()));
  out.issuer = name_of(library, library.X509_get_issuer_name(parsed.get()));
  const auto from = instant_of(library, library.X509_get0_notBefore(parsed.get()));
  const auto until = instant_of(library, library.X509_get0_notAfter(parsed.get()));
  if (out.serial.empty() || !from || !until) return unreadable();
  out.not_before = *from;
  out.not_after = *until;
  return out;
}

base::Result<std::vector<Certificate>> read_certificates(const secret::Bytes& content, std::string_view what) {
  std::vector<Certificate> out;
  const auto add = [&](const secret::Bytes& der) -> base::Result<void> {
    auto one = der.reveal(
        [](std::span<const std::byte> bytes) { return read_certificate(secret::Der(bytes.begin(), bytes.end())); });
    if (!one) return std::unexpected(base::with_context(std::move(one).error(), std::string(what)));
    out.push_back(std::move(*one));
    return {};
  };
  if (!secret::is_pem(content)) {
    TRY(add(content));
    return out;
  }
  auto blocks = secret::read_pem(content);
  if (!blocks) return std::unexpected(base::with_context(std::move(blocks).error(), std::string(what)));
  for (const auto& block : *blocks)
    if (block.label == "CERTIFICATE") TRY(add(block.der));
  if (out.empty()) return fail(ErrorKind::failure, std::string(what) + " holds no certificate");
  return out;
}

base::Result<void> check_usable(const Certificate& certificate, const secret::Der& public_key, base::Instant now,
                                std::string_view what) {
  const std::string which =
      std::string(what) + " (" + base::printable(certificate.subject) + ", serial " + certificate.serial_hex + ")";
  if (certificate.public_key != public_key)
    return fail(ErrorKind::failure, which + " does not belong to the private key",
                "name the certificate that was issued for this key");
  if (now < certificate.not_before)
    return fail(ErrorKind::refused, which + " is not valid before " + base::iso8601(certificate.not_before),
                "check this machine's clock: it says " + base::iso8601(now));
  if (now > certificate.not_after)
    return fail(ErrorKind::refused, which + " has expired at " + base::iso8601(certificate.not_after),
                "have a new certificate issued for this key");
  return {};
}

}  // namespace aws
