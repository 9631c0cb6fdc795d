// EVP_PKEY, with ECDSA's DER signatures turned into the two numbers of a JWS and back.
#include "signing_key.h"

#include "crypto.h"

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdlib>

namespace sim {
namespace {

constexpr unsigned kRsaBits = 2048;
constexpr int kEcBytes = 32;

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, Free>;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

const EVP_MD* digest_of(SigningKey::Kind kind, std::string_view algorithm) {
  if (algorithm == (kind == SigningKey::Kind::rsa ? "RS256" : "ES256")) return EVP_sha256();
  if (kind == SigningKey::Kind::rsa && algorithm == "RS384") return EVP_sha384();
  if (kind == SigningKey::Kind::rsa && algorithm == "RS512") return EVP_sha512();
  return nullptr;
}

std::string jws_of_der(const std::string& der) {
  const unsigned char* at = bytes_of(std::string_view(der));
  const std::unique_ptr<ECDSA_SIG, Free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string out(2UL * kEcBytes, '\0');
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(out), kEcBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(out) + kEcBytes, kEcBytes) < 0)
    std::abort();
  return out;
}

/// Empty where it is not the size of two numbers.
std::string der_of_jws(std::string_view jws) {
  if (jws.size() != 2UL * kEcBytes) return {};
  const std::unique_ptr<ECDSA_SIG, Free> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(jws), kEcBytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(jws.substr(kEcBytes)), kEcBytes, nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) std::abort();
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  unsigned char* at = bytes_of(der);
  i2d_ECDSA_SIG(signature.get(), &at);
  return der;
}

std::string public_number(const EVP_PKEY* key, const char* name, int at_least = 0) {
  BIGNUM* read = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &read) != 1) std::abort();
  const Number number(read);
  std::string bytes(static_cast<std::size_t>(std::max(at_least, BN_num_bytes(number.get()))), '\0');
  BN_bn2binpad(number.get(), bytes_of(bytes), static_cast<int>(bytes.size()));
  return base64url_encode(bytes);
}

}  // namespace

void SigningKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

SigningKey::SigningKey(Kind kind, std::string id, evp_pkey_st* key) : kind_(kind), id_(std::move(id)), key_(key) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::create(Kind kind) {
  EVP_PKEY* key = kind == Kind::rsa ? EVP_RSA_gen(kRsaBits) : EVP_EC_gen("P-256");
  if (key == nullptr) std::abort();
  return {kind, (kind == Kind::rsa ? "rsa-" : "ec-") + hex_text(random_bytes(8)), key};
}

std::string_view SigningKey::algorithm() const { return kind_ == Kind::rsa ? "RS256" : "ES256"; }

std::string SigningKey::sign(std::string_view algorithm, std::string_view text) const {
  const EVP_MD* digest = digest_of(kind_, algorithm);
  if (digest == nullptr) return {};
  const std::unique_ptr<EVP_MD_CTX, sim::Free> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) != 1)
    std::abort();
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(text), text.size()) != 1) std::abort();
  signature.resize(size);
  return kind_ == Kind::rsa ? signature : jws_of_der(signature);
}

bool SigningKey::verify(std::string_view algorithm, std::string_view text, std::string_view signature) const {
  const EVP_MD* digest = digest_of(kind_, algorithm);
  if (digest == nullptr) return false;
  const std::string raw = kind_ == Kind::rsa ? std::string(signature) : der_of_jws(signature);
  const std::unique_ptr<EVP_MD_CTX, sim::Free> context(EVP_MD_CTX_new());
  return !raw.empty() && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(raw), raw.size(), bytes_of(text), text.size()) == 1;
}

nlohmann::json SigningKey::public_jwk() const {
  nlohmann::json jwk{{"kid", id_}, {"use", "sig"}, {"alg", algorithm()}};
  if (kind_ == Kind::rsa) {
    jwk["kty"] = "RSA";
    jwk["n"] = public_number(key_.get(), OSSL_PKEY_PARAM_RSA_N);
    jwk["e"] = public_number(key_.get(), OSSL_PKEY_PARAM_RSA_E);
  } else {
    jwk["kty"] = "EC";
    jwk["crv"] = "P-256";
    jwk["x"] = public_number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, kEcBytes);
    jwk["y"] = public_number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kEcBytes);
  }
  return jwk;
}

}  // namespace sim
