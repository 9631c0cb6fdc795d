// Reads certificates by OpenSSL.
#include "x509_leaf.h"

#include "crypto.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <set>

namespace sim {
namespace {

std::string text_of(const ASN1_STRING* value) {
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) return "";
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return out;
}

/// One tag for each kind of attribute: values of a kind that stands there twice are joined, as AWS joins them.
void add_names(const X509_NAME* name, const std::string& prefix, Pairs& out) {
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const std::string key = prefix + OBJ_nid2sn(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)));
    const std::string value = text_of(X509_NAME_ENTRY_get_data(entry));
    bool joined = false;
    for (auto& [known, values] : out)
      if (known == key) {
        values += "/" + value;
        joined = true;
      }
    if (!joined) out.emplace_back(key, value);
  }
}

/// The first name of each kind, as AWS takes it.
void add_alternative_names(X509* certificate, Pairs& out) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::set<int> seen;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    int kind = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);
    if ((kind != GEN_DNS && kind != GEN_URI) || !seen.insert(kind).second) continue;
    out.emplace_back(kind == GEN_DNS ? "x509SAN/DNS" : "x509SAN/URI", text_of(static_cast<const ASN1_STRING*>(value)));
  }
  GENERAL_NAMES_free(names);
}

BIGNUM* serial_of(X509* certificate) { return ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nullptr); }

std::string take_text(char* text) {
  std::string out(text);
  OPENSSL_free(text);
  return out;
}

}  // namespace

void PresentedCertificate::Free::operator()(x509_st* certificate) const { X509_free(certificate); }

std::optional<PresentedCertificate> PresentedCertificate::parse(std::string_view base64_der) {
  const std::optional<std::string> der = base64_decode(base64_der);
  if (!der) return std::nullopt;
  const auto* data = reinterpret_cast<const unsigned char*>(der->data());
  const unsigned char* end = data;
  X509* certificate = d2i_X509(nullptr, &end, static_cast<long>(der->size()));
  if (certificate == nullptr) return std::nullopt;
  PresentedCertificate presented(certificate);
  if (end != data + der->size()) return std::nullopt;
  return presented;
}

std::string_view PresentedCertificate::signature_algorithm() const {
  const EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  const int kind = key == nullptr ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
  if (kind == EVP_PKEY_RSA) return "AWS4-X509-RSA-SHA256";
  return kind == EVP_PKEY_EC ? "AWS4-X509-ECDSA-SHA256" : "";
}

bool PresentedCertificate::has_signed(std::string_view text, std::string_view signature) const {
  EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto bytes = [](std::string_view view) { return reinterpret_cast<const unsigned char*>(view.data()); };
  const bool good = key != nullptr && EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
                    EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(text), text.size()) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

std::string PresentedCertificate::serial_decimal() const {
  BIGNUM* number = serial_of(certificate_.get());
  std::string text = take_text(BN_bn2dec(number));
  BN_free(number);
  return text;
}

std::string PresentedCertificate::serial_hex() const {
  BIGNUM* number = serial_of(certificate_.get());
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return hex_text(bytes);
}

std::string PresentedCertificate::common_name() const {
  const X509_NAME* name = X509_get_subject_name(certificate_.get());
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  return at < 0 ? "" : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

Pairs PresentedCertificate::attributes() const {
  Pairs out;
  add_names(X509_get_subject_name(certificate_.get()), "x509Subject/", out);
  add_names(X509_get_issuer_name(certificate_.get()), "x509Issuer/", out);
  add_alternative_names(certificate_.get(), out);
  return out;
}

bool PresentedCertificate::is_version_3() const { return X509_get_version(certificate_.get()) == X509_VERSION_3; }

bool PresentedCertificate::is_end_entity() const {
  const std::uint32_t flags = X509_get_extension_flags(certificate_.get());
  return (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) == 0;
}

bool PresentedCertificate::may_sign() const {
  // Without the extension OpenSSL says all bits; AWS wants it there.
  const std::uint32_t usage = X509_get_key_usage(certificate_.get());
  return usage != UINT32_MAX && (usage & KU_DIGITAL_SIGNATURE) != 0;
}

bool PresentedCertificate::is_hashed_well() const {
  int digest = NID_undef;
  if (X509_get_signature_info(certificate_.get(), &digest, nullptr, nullptr, nullptr) != 1) return false;
  return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
}

PresentedCertificate::Path PresentedCertificate::path_to(x509_st* root, const std::vector<PresentedCertificate>& chain,
                                                         base::Instant now, TimeCheck time) const {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root);
  STACK_OF(X509)* between = sk_X509_new_null();
  for (const PresentedCertificate& certificate : chain) sk_X509_push(between, certificate.certificate_.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  Path path = Path::broken;
  if (X509_STORE_CTX_init(context, store, certificate_.get(), between) == 1) {
    if (time == TimeCheck::off)
      X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME);
    else
      X509_STORE_CTX_set_time(context, 0, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    if (X509_verify_cert(context) == 1) path = Path::good;
    const int error = X509_STORE_CTX_get_error(context);
    if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID) path = Path::out_of_time;
  }
  X509_STORE_CTX_free(context);
  sk_X509_free(between);
  X509_STORE_free(store);
  return path;
}

}  // namespace sim
