// P-256 keys and X.509 certificates by OpenSSL.
#include "certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sim {
namespace {

constexpr long kBackdateSeconds = 24L * 3600;
constexpr long kValidSeconds = 30L * 24 * 3600;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

Certificate unsigned_certificate(const std::string& name, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  unsigned char serial[8] = {};
  RAND_bytes(serial, sizeof serial);
  serial[0] &= 0x7FU;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdateSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidSeconds);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

}  // namespace

struct CertificateAuthority::Parts {
  Key key;
  Certificate certificate;
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
CertificateAuthority::~CertificateAuthority() = default;

base::Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::create() {
  auto parts = std::make_unique<Parts>();
  parts->key.reset(EVP_EC_gen("P-256"));
  if (!parts->key) return base::fail(base::ErrorKind::failure, "cannot make a key for the proxy's authority");
  parts->certificate = unsigned_certificate("kabuto-sim throw-away authority", parts->key.get());
  X509* self = parts->certificate.get();
  X509_set_issuer_name(self, X509_get_subject_name(self));
  const bool good = add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(self, self, NID_subject_key_identifier, "hash") &&
                    X509_sign(self, parts->key.get(), EVP_sha256()) != 0;
  if (!good) return base::fail(base::ErrorKind::failure, "cannot make the proxy's authority");
  return std::unique_ptr<CertificateAuthority>(new CertificateAuthority(std::move(parts)));
}

std::string CertificateAuthority::certificate_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, parts_->certificate.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

ssl_ctx_st* CertificateAuthority::context_for(const std::string& host) const {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return nullptr;
  const Certificate leaf = unsigned_certificate(host, key.get());
  X509* issuer = parts_->certificate.get();
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
  const bool good = add_extension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(leaf.get(), issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(leaf.get(), issuer, NID_ext_key_usage, "serverAuth") &&
                    add_extension(leaf.get(), issuer, NID_subject_alt_name, "DNS:" + host) &&
                    add_extension(leaf.get(), issuer, NID_subject_key_identifier, "hash") &&
                    add_extension(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always") &&
                    X509_sign(leaf.get(), parts_->key.get(), EVP_sha256()) != 0;
  SSL_CTX* context = good ? SSL_CTX_new(TLS_server_method()) : nullptr;
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    SSL_CTX_free(context);
    return nullptr;
  }
  return context;
}

}  // namespace sim
