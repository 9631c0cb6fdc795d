#include "secret/pkcs11.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/bounded_child.h"
#include "secret/crypto_library.h"
#include "secret/digest.h"
#include "secret/pkcs11_module.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace secret {
namespace {

using base::ErrorKind;
using base::fail;

// A card that wants a touch waits as long for it.
constexpr base::Duration kLimit{30'000};
constexpr std::size_t kMostBytes = std::size_t{4} << 20;
constexpr std::byte kGood{0};
// DigestInfo of SHA-256 (RFC 8017, 9.2), which CKM_RSA_PKCS wants before the digest.
constexpr std::array<unsigned char, 19> kSha256Info{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

std::string called(const Pkcs11Uri& uri) {
  return "the token" + (uri.token.empty() ? "" : " " + base::printable(uri.token, 60));
}

base::Error told(TokenTrouble trouble, const Pkcs11Uri& uri) {
  const std::string module = uri.module_path.empty() ? "p11-kit-proxy.so" : base::printable(uri.module_path, 200);
  const std::string key = (uri.object.empty() ? "the id of the URI" : base::printable(uri.object, 60));
  switch (trouble) {
    case TokenTrouble::no_module:
      return {ErrorKind::failure, "the PKCS#11 module " + module + " cannot be loaded",
              "check module-path of the pkcs11: URI"};
    case TokenTrouble::no_token:
      return {ErrorKind::not_found, called(uri) + " is not there (" + module + ")",
              "plug it in, or check token= of the pkcs11: URI: run pkcs11-tool --module " + module + " -L"};
    case TokenTrouble::several_tokens:
      return {ErrorKind::failure, "more than one token fits the pkcs11: URI", "add token= or serial= to it"};
    case TokenTrouble::no_object:
      return {ErrorKind::not_found, called(uri) + " holds nothing that fits " + key,
              "check object= and id= of the pkcs11: URI: run pkcs11-tool --module " + module + " -O"};
    case TokenTrouble::several_objects:
      return {ErrorKind::failure, "more than one key fits the pkcs11: URI", "add id= to it"};
    case TokenTrouble::wrong_pin:
      return {ErrorKind::denied, called(uri) + " refuses the PIN; it locks itself after a few wrong ones", ""};
    case TokenTrouble::pin_locked:
      return {ErrorKind::denied, "the PIN of " + called(uri) + " is locked: too many wrong ones were given",
              "unlock it with the token's own tool"};
    case TokenTrouble::refused:
      break;
  }
  return {ErrorKind::failure, called(uri) + " cannot do what it was asked for", ""};
}

/// Runs one call of a module in a child: its answer is a zero byte and the bytes, or the trouble.
base::Result<Der> in_child(const Pkcs11Uri& uri, base::Clock& clock, const std::function<FromToken<Der>()>& work) {
  // A module is code: it is loaded under the rules of a program.
  if (!uri.module_path.empty()) TRY(base::check_only_owner_writes(uri.module_path, "PKCS#11 module"));
  const auto answer = TRY(run_bounded(
      [&](const Send& send) {
        const auto done = work();
        const std::byte head = done ? kGood : static_cast<std::byte>(done.error());
        send(std::span(&head, 1));
        if (done) send(*done);
      },
      kLimit, kMostBytes, called(uri), clock));
  return answer.reveal([&](std::span<const std::byte> all) -> base::Result<Der> {
    if (all.empty()) return std::unexpected(told(TokenTrouble::refused, uri));
    if (all[0] != kGood) return std::unexpected(told(static_cast<TokenTrouble>(all[0]), uri));
    return Der(all.begin() + 1, all.end());
  });
}

/// A DER header for `size` bytes below 64 KiB.
void put_header(Der& out, unsigned char tag, std::size_t size) {
  out.push_back(static_cast<std::byte>(tag));
  if (size >= 0x100) {
    out.push_back(std::byte{0x82});
    out.push_back(static_cast<std::byte>(size >> 8U));
  } else if (size >= 0x80) {
    out.push_back(std::byte{0x81});
  }
  out.push_back(static_cast<std::byte>(size));
}

/// Two numbers side by side as ASN.1 has them.
Der as_asn1(std::span<const std::byte> pair) {
  Der numbers;
  for (auto number : {pair.first(pair.size() / 2), pair.subspan(pair.size() / 2)}) {
    while (number.size() > 1 && number[0] == std::byte{0}) number = number.subspan(1);
    const bool negative = !number.empty() && (number[0] & std::byte{0x80}) != std::byte{0};
    put_header(numbers, 0x02, number.size() + (negative ? 1 : 0));
    if (negative) numbers.push_back(std::byte{0});
    numbers.insert(numbers.end(), number.begin(), number.end());
  }
  Der out;
  put_header(out, 0x30, numbers.size());
  out.insert(out.end(), numbers.begin(), numbers.end());
  return out;
}

class TokenKey final : public SigningKey {
 public:
  TokenKey(const CryptoLibrary& library, Crypto<EVP_PKEY> verifier, KeyAlgorithm algorithm, Pkcs11Uri uri,
           Der public_key, AskPassphrase pin, base::Clock& clock)
      : library_(library),
        verifier_(std::move(verifier)),
        algorithm_(algorithm),
        uri_(std::move(uri)),
        public_key_(std::move(public_key)),
        ask_(std::move(pin)),
        clock_(clock) {}
  KeyAlgorithm algorithm() const override { return algorithm_; }
  const Der& public_key() const override { return public_key_; }

  base::Result<Der> sign(std::string_view text) override {
    if (!pin_) pin_ = TRY(ask_());
    const auto digest = sha256(Bytes::copy_of(text));
    Der input;
    if (algorithm_ == KeyAlgorithm::rsa)
      for (const auto byte : kSha256Info) input.push_back(static_cast<std::byte>(byte));
    input.insert(input.end(), digest.begin(), digest.end());
    auto out = TRY(in_child(uri_, clock_, [&] { return signed_in_token(uri_, algorithm_, *pin_, input); }));
    if (algorithm_ == KeyAlgorithm::ec) out = as_asn1(out);
    if (!verifies(text, out))
      return fail(ErrorKind::failure, "the certificate does not belong to the key in " + called(uri_),
                  "name the certificate that was issued for this key");
    return out;
  }

 private:
  bool verifies(std::string_view text, const Der& signature) const {
    const Crypto<EVP_MD_CTX> context(library_.EVP_MD_CTX_new(), library_.EVP_MD_CTX_free);
    const bool good =
        library_.EVP_DigestVerifyInit(context.get(), nullptr, library_.EVP_sha256(), nullptr, verifier_.get()) == 1 &&
        library_.EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                                  signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                                  text.size()) == 1;
    library_.ERR_clear_error();
    return good;
  }

  const CryptoLibrary& library_;
  Crypto<EVP_PKEY> verifier_;
  KeyAlgorithm algorithm_;
  Pkcs11Uri uri_;
  Der public_key_;
  AskPassphrase ask_;
  base::Clock& clock_;
  std::optional<Bytes> pin_;
};

}  // namespace

base::Result<std::vector<Der>> token_certificates(const Pkcs11Uri& uri, base::Clock& clock) {
  const auto all = TRY(in_child(uri, clock, [&]() -> FromToken<Der> {
    const auto certificates = certificates_in_token(uri);
    if (!certificates) return std::unexpected(certificates.error());
    Der out;
    for (const auto& one : *certificates) {
      const auto size = bytes_of_number(one.size());
      out.insert(out.end(), size.begin(), size.end());
      out.insert(out.end(), one.begin(), one.end());
    }
    return out;
  }));
  std::vector<Der> out;
  std::span<const std::byte> rest(all);
  constexpr std::size_t kSizeBytes = 8;
  while (rest.size() >= kSizeBytes) {
    std::size_t size = 0;
    for (std::size_t i = kSizeBytes; i-- > 0;) size = (size << 8U) | std::to_integer<std::size_t>(rest[i]);
    rest = rest.subspan(kSizeBytes);
    if (size > rest.size()) break;
    out.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    rest = rest.subspan(size);
  }
  return out;
}

base::Result<std::unique_ptr<SigningKey>> token_key(const Pkcs11Uri& uri, const Der& public_key, AskPassphrase pin,
                                                    base::Clock& clock) {
  const CryptoLibrary& library = *TRY(CryptoLibrary::load());
  const auto* at = reinterpret_cast<const unsigned char*>(public_key.data());
  Crypto<EVP_PKEY> verifier(library.d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())),
                            library.EVP_PKEY_free);
  library.ERR_clear_error();
  const auto is = [&](const char* name) { return verifier && library.EVP_PKEY_is_a(verifier.get(), name) == 1; };
  if (!is("RSA") && !is("EC"))
    return fail(ErrorKind::failure,
                "the certificate's key is neither RSA nor EC, which is all that is asked of a token");
  const auto algorithm = is("RSA") ? KeyAlgorithm::rsa : KeyAlgorithm::ec;
  return std::make_unique<TokenKey>(library, std::move(verifier), algorithm, uri, public_key, std::move(pin), clock);
}

}  // namespace secret
