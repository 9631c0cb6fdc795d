// Reads and verifies one proof.
#include "dpop.h"

#include "base/text.h"
#include "crypto.h"

#include <nlohmann/json.hpp>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <cmath>
#include <memory>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::size_t kCoordinate = 32;
constexpr auto kAllowedAge = std::chrono::minutes(5);

std::unexpected<AwsError> invalid(std::string_view why) {
  return refuse(400, "ValidationException", "Invalid DPoP proof: " + std::string(why));
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<EVP_PKEY> public_key(const std::string& x, const std::string& y) {
  const std::string point = "\x04" + x + y;
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return {};
  return Owned<EVP_PKEY>(key);
}

/// `signature`: r and s, 32 bytes each.
bool is_signed(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  if (signature.size() != 2 * kCoordinate) return false;
  const Owned<ECDSA_SIG> parts(ECDSA_SIG_new());
  ECDSA_SIG_set0(parts.get(), BN_bin2bn(bytes_of(signature), kCoordinate, nullptr),
                 BN_bin2bn(bytes_of(signature) + kCoordinate, kCoordinate, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good =
      size > 0 && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size), bytes_of(text), text.size()) == 1;
  OPENSSL_free(der);
  return good;
}

json object_of(std::string_view part) {
  const std::optional<std::string> text = base64url_decode(part);
  json value = text ? json::parse(*text, nullptr, false) : json();
  return value.is_object() ? value : json::object();
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Checked<void> check_claims(const json& payload, std::string_view url, base::Instant now, const Checks& checks) {
  if (checks.on("login-dpop-method") && text_in(payload, "htm") != "POST") return invalid("htm is not the method");
  if (checks.on("login-dpop-url") && text_in(payload, "htu") != url) return invalid("htu is not the URL");
  const json issued = payload.value("iat", json());
  if (!issued.is_number_integer()) return invalid("iat is missing");
  const base::Instant time{std::chrono::seconds(issued.get<std::int64_t>())};
  if (checks.on("login-dpop-time") && (time + kAllowedAge < now || time > now + kAllowedAge))
    return invalid("iat is too far from now");
  if (text_in(payload, "jti").empty()) return invalid("jti is missing");
  return {};
}

}  // namespace

Checked<DpopProof> check_dpop(std::string_view jwt, std::string_view url, base::Instant now, const Checks& checks) {
  const std::vector<std::string_view> parts = base::split(jwt, '.');
  if (parts.size() != 3) return invalid("no JWT");
  const json header = object_of(parts[0]);
  const json payload = object_of(parts[1]);
  if (checks.on("login-dpop-header") && (text_in(header, "typ") != "dpop+jwt" || text_in(header, "alg") != "ES256"))
    return invalid("typ or alg is wrong");
  const json jwk = header.value("jwk", json::object());
  if (!jwk.is_object() || text_in(jwk, "kty") != "EC" || text_in(jwk, "crv") != "P-256" || jwk.contains("d"))
    return invalid("jwk is no public key on P-256");
  const std::optional<std::string> x = base64url_decode(text_in(jwk, "x"));
  const std::optional<std::string> y = base64url_decode(text_in(jwk, "y"));
  if (!x || !y || x->size() != kCoordinate || y->size() != kCoordinate) return invalid("jwk is no public key on P-256");
  const Owned<EVP_PKEY> key = public_key(*x, *y);
  if (!key) return invalid("jwk is no public key on P-256");
  const std::string_view text = jwt.substr(0, parts[0].size() + 1 + parts[1].size());
  const std::optional<std::string> signature = base64url_decode(parts[2]);
  if (checks.on("login-dpop-signature") && (!signature || !is_signed(key.get(), text, *signature)))
    return invalid("the signature does not fit the key");
  if (auto good = check_claims(payload, url, now, checks); !good) return std::unexpected(good.error());
  const std::string canonical =
      R"({"crv":"P-256","kty":"EC","x":")" + text_in(jwk, "x") + R"(","y":")" + text_in(jwk, "y") + "\"}";
  return DpopProof{.key_thumbprint = base64url_encode(sha256(canonical)), .id = text_in(payload, "jti")};
}

}  // namespace sim
