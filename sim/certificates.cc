// P-256 keys and X.509 certificates by OpenSSL.
#include "certificates.h"

#include "x509_parts.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sim {
namespace {

constexpr Validity kUsualValidity{.begins = -24L * 3600, .ends = 30L * 24 * 3600};

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
  parts->certificate = unsigned_certificate("kabuto-sim throw-away authority", parts->key.get(), kUsualValidity);
  X509* self = parts->certificate.get();
  const bool good = add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(self, self, NID_subject_key_identifier, "hash") &&
                    sign_certificate(self, self, parts->key.get(), EVP_sha256());
  if (!good) return base::fail(base::ErrorKind::failure, "cannot make the proxy's authority");
  return std::unique_ptr<CertificateAuthority>(new CertificateAuthority(std::move(parts)));
}

std::string CertificateAuthority::certificate_pem() const { return pem_of(parts_->certificate.get()); }

ssl_ctx_st* CertificateAuthority::context_for(const std::string& host) const {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return nullptr;
  const Certificate leaf = unsigned_certificate(host, key.get(), kUsualValidity);
  X509* issuer = parts_->certificate.get();
  const bool good = add_extension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(leaf.get(), issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(leaf.get(), issuer, NID_ext_key_usage, "serverAuth") &&
                    add_extension(leaf.get(), issuer, NID_subject_alt_name, "DNS:" + host) &&
                    add_extension(leaf.get(), issuer, NID_subject_key_identifier, "hash") &&
                    add_extension(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always") &&
                    sign_certificate(leaf.get(), issuer, parts_->key.get(), EVP_sha256());
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
