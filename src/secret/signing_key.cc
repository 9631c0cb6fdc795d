#include "secret/signing_key.h"

#include "base/text.h"
#include "secret/crypto_library.h"
#include "secret/pem.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace secret {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kMlDsaArc = "2.16.840.1.101.3.4.3.";
constexpr std::size_t kLongestOid = 80;
// Of PKCS#12: its certificate chain.
constexpr int kMostCertificates = 64;

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// What `write` (an i2d function) makes of the object.
template <class Write, class Object>
Der der_of(Write write, Object* object) {
  const int size = write(object, nullptr);
  if (size <= 0) return {};
  Der out(static_cast<std::size_t>(size));
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  write(object, &at);
  return out;
}

class LoadedKey final : public SigningKey {
 public:
  LoadedKey(const CryptoLibrary& library, Crypto<EVP_PKEY> key, KeyAlgorithm algorithm)
      : library_(library), key_(std::move(key)), algorithm_(algorithm) {
    public_key_ = der_of(library.i2d_PUBKEY, key_.get());
  }
  KeyAlgorithm algorithm() const override { return algorithm_; }
  const Der& public_key() const override { return public_key_; }
  base::Result<Der> sign(std::string_view text) override {
    const Crypto<EVP_MD_CTX> context(library_.EVP_MD_CTX_new(), library_.EVP_MD_CTX_free);
    const EVP_MD* const digest = algorithm_ == KeyAlgorithm::ml_dsa ? nullptr : library_.EVP_sha256();
    const auto* const bytes = raw(std::as_bytes(std::span(text)));
    std::size_t size = 0;
    if (library_.EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
        library_.EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
      return fail(ErrorKind::failure, "libcrypto cannot sign with this key");
    Der out(size);
    if (library_.EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                                text.size()) != 1)
      return fail(ErrorKind::failure, "libcrypto cannot sign with this key");
    out.resize(size);
    return out;
  }

 private:
  const CryptoLibrary& library_;
  Crypto<EVP_PKEY> key_;
  KeyAlgorithm algorithm_;
  Der public_key_;
};

class Reader {
 public:
  Reader(const CryptoLibrary& library, const AskPassphrase& ask, std::string_view what)
      : library_(library), ask_(ask), what_(what) {}

  base::Result<KeyFile> read(const Bytes& content) {
    if (is_pem(content)) return read_blocks(content);
    const Crypto<PKCS12> store(content.reveal([&](std::span<const std::byte> der) {
      const unsigned char* at = raw(der);
      return library_.d2i_PKCS12(nullptr, &at, static_cast<long>(der.size()));
    }),
                               library_.PKCS12_free);
    if (store) return read_pkcs12(store.get());
    if (auto key = TRY(plain(content))) return KeyFile{std::move(key), {}};
    if (const Crypto<X509_SIG> sealed = sealed_key(content)) return KeyFile{TRY(opened(sealed.get())), {}};
    return fail(ErrorKind::failure, what_ + " is no private key");
  }

 private:
  base::Result<KeyFile> read_blocks(const Bytes& content) {
    auto blocks = read_pem(content);
    if (!blocks) return std::unexpected(base::with_context(std::move(blocks).error(), what_));
    for (const auto& block : *blocks) {
      if (!block.label.ends_with("PRIVATE KEY")) continue;
      if (block.headers == PemHeaders::some)
        return fail(ErrorKind::failure, what_ + " is encrypted in the old form of PEM, which guards it badly",
                    "run openssl pkcs8 -topk8 -in OLD -out NEW, and name the new file");
      if (block.label == "ENCRYPTED PRIVATE KEY") {
        const Crypto<X509_SIG> sealed = sealed_key(block.der);
        if (!sealed) return undecodable();
        return KeyFile{TRY(opened(sealed.get())), {}};
      }
      auto key = TRY(plain(block.der));
      if (!key) return undecodable();
      return KeyFile{std::move(key), {}};
    }
    return fail(ErrorKind::failure, what_ + " holds no private key");
  }

  std::unexpected<base::Error> undecodable() const {
    return fail(ErrorKind::failure, what_ + " cannot be decoded: it is damaged, or of a kind that is not known");
  }

  Crypto<X509_SIG> sealed_key(const Bytes& der) const {
    return {der.reveal([&](std::span<const std::byte> bytes) {
              const unsigned char* at = raw(bytes);
              return library_.d2i_X509_SIG(nullptr, &at, static_cast<long>(bytes.size()));
            }),
            library_.X509_SIG_free};
  }

  /// PKCS#1, SEC1 or PKCS#8; null where it is none of them.
  base::Result<std::unique_ptr<SigningKey>> plain(const Bytes& der) {
    const Crypto<PKCS8_PRIV_KEY_INFO> info(der.reveal([&](std::span<const std::byte> bytes) {
      const unsigned char* at = raw(bytes);
      return library_.d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(bytes.size()));
    }),
                                           library_.PKCS8_PRIV_KEY_INFO_free);
    if (info) return of_info(info.get());
    Crypto<EVP_PKEY> key(der.reveal([&](std::span<const std::byte> bytes) {
      const unsigned char* at = raw(bytes);
      return library_.d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(bytes.size()));
    }),
                         library_.EVP_PKEY_free);
    if (!key) return nullptr;
    return made(std::move(key));
  }

  base::Result<std::unique_ptr<SigningKey>> of_info(const PKCS8_PRIV_KEY_INFO* info) {
    Crypto<EVP_PKEY> key(library_.EVP_PKCS82PKEY(info), library_.EVP_PKEY_free);
    if (key) return made(std::move(key));
    const ASN1_OBJECT* algorithm = nullptr;
    std::array<char, kLongestOid> name{};
    library_.PKCS8_pkey_get0(&algorithm, nullptr, nullptr, nullptr, info);
    library_.OBJ_obj2txt(name.data(), static_cast<int>(name.size()), algorithm, 1);
    if (std::string_view(name.data()).starts_with(kMlDsaArc))
      return fail(ErrorKind::failure, what_ + " is an ML-DSA key, and the libcrypto of this machine knows no ML-DSA",
                  "use OpenSSL 3.5 or later, or an RSA or EC key");
    return undecodable();
  }

  base::Result<std::unique_ptr<SigningKey>> opened(const X509_SIG* sealed) {
    const Bytes passphrase = TRY(ask_());
    const Crypto<PKCS8_PRIV_KEY_INFO> info(passphrase.reveal_text([&](std::string_view text) {
      return library_.PKCS8_decrypt(sealed, text.data(), static_cast<int>(text.size()));
    }),
                                           library_.PKCS8_PRIV_KEY_INFO_free);
    if (!info) return fail(ErrorKind::failure, what_ + " does not open with this passphrase");
    return of_info(info.get());
  }

  base::Result<std::unique_ptr<SigningKey>> made(Crypto<EVP_PKEY> key) const {
    const auto is = [&](const char* name) { return library_.EVP_PKEY_is_a(key.get(), name) == 1; };
    KeyAlgorithm algorithm{};
    if (is("RSA"))
      algorithm = KeyAlgorithm::rsa;
    else if (is("EC"))
      algorithm = KeyAlgorithm::ec;
    else if (is("ML-DSA-44") || is("ML-DSA-65") || is("ML-DSA-87"))
      algorithm = KeyAlgorithm::ml_dsa;
    else
      return fail(ErrorKind::failure, what_ + " is neither an RSA nor an EC key");
    return std::make_unique<LoadedKey>(library_, std::move(key), algorithm);
  }

  base::Result<KeyFile> read_pkcs12(PKCS12* store) {
    Bytes passphrase;
    const auto fits = [&] {
      // An empty passphrase is not the same as none, which a null pointer would be.
      return passphrase.reveal_text([&](std::string_view text) {
        const char* const given = text.empty() ? "" : text.data();
        return library_.PKCS12_verify_mac(store, given, static_cast<int>(text.size())) == 1;
      });
    };
    if (!fits() && library_.PKCS12_verify_mac(store, nullptr, 0) != 1) {
      passphrase = TRY(ask_());
      if (!fits()) return fail(ErrorKind::failure, what_ + " does not open with this passphrase");
    }
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    STACK_OF(X509)* others = nullptr;
    // A C text is wanted.
    const Bytes ended = Bytes::concatenated(passphrase, Bytes(1));
    const int parsed = ended.reveal([&](std::span<const std::byte> text) {
      return library_.PKCS12_parse(store, reinterpret_cast<const char*>(text.data()), &key, &certificate, &others);
    });
    Crypto<EVP_PKEY> owned_key(key, library_.EVP_PKEY_free);
    const Crypto<X509> owned_certificate(certificate, library_.X509_free);
    auto* const stack = reinterpret_cast<OPENSSL_STACK*>(others);
    KeyFile out;
    if (certificate != nullptr) out.certificates.push_back(der_of(library_.i2d_X509, certificate));
    for (int i = 0; stack != nullptr && i < std::min(library_.OPENSSL_sk_num(stack), kMostCertificates); ++i)
      out.certificates.push_back(der_of(library_.i2d_X509, static_cast<X509*>(library_.OPENSSL_sk_value(stack, i))));
    library_.OPENSSL_sk_pop_free(stack, reinterpret_cast<OPENSSL_sk_freefunc>(library_.X509_free));
    if (parsed != 1 || !owned_key) return fail(ErrorKind::failure, what_ + " (PKCS#12) holds no key that can be read");
    out.key = TRY(made(std::move(owned_key)));
    return out;
  }

  const CryptoLibrary& library_;
  const AskPassphrase& ask_;
  std::string what_;
};

}  // namespace

base::Result<KeyFile> read_key_file(const Bytes& content, const AskPassphrase& ask, std::string_view what) {
  const CryptoLibrary& library = *TRY(CryptoLibrary::load());
  auto key = Reader(library, ask, what).read(content);
  // What it found wrong is said; libcrypto's own list of complaints must not grow.
  library.ERR_clear_error();
  return key;
}

}  // namespace secret
