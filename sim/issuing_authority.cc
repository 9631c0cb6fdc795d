// Root, intermediate and end-entity certificates.
#include "issuing_authority.h"

#include "x509_parts.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>

namespace sim {
namespace {

constexpr long kDay = 24L * 3600;
constexpr unsigned kRsaBits = 2048;

constexpr std::array kFlaws{
    FlawName{"expired", Flaw::expired, "its time is over"},
    FlawName{"not-yet", Flaw::not_yet, "its time begins tomorrow"},
    FlawName{"ca", Flaw::ca, "CA:TRUE"},
    FlawName{"no-signing", Flaw::no_signing, "a key usage without digitalSignature"},
    FlawName{"sha1", Flaw::sha1, "signed with SHA-1"},
    FlawName{"stranger", Flaw::stranger, "of an authority of the same name that is no trust anchor"},
};

struct Signer {
  Key key;
  Certificate certificate;
};

bool add_authority_extensions(X509* certificate, X509* issuer) {
  return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
}

/// `issuer` null: a root, signed by itself.
std::optional<Signer> make_signer(const std::string& name, const Signer* issuer) {
  Signer made{.key = Key(EVP_EC_gen("P-256")), .certificate = {}};
  if (!made.key) return std::nullopt;
  made.certificate = unsigned_certificate(name, made.key.get(), {.begins = -kDay, .ends = 365 * kDay});
  X509* self = made.certificate.get();
  X509* parent = issuer == nullptr ? self : issuer->certificate.get();
  EVP_PKEY* key = issuer == nullptr ? made.key.get() : issuer->key.get();
  if (!add_authority_extensions(self, parent) || !sign_certificate(self, parent, key, EVP_sha256()))
    return std::nullopt;
  return made;
}

Validity validity_of(const CertificateWish& wish, base::Duration ahead) {
  const long offset = std::chrono::duration_cast<std::chrono::seconds>(ahead).count();
  if (wish.flaw == Flaw::expired) return {.begins = offset - 2 * kDay, .ends = offset - kDay};
  if (wish.flaw == Flaw::not_yet) return {.begins = offset + kDay, .ends = offset + 30 * kDay};
  return {.begins = offset - kDay, .ends = offset + 30 * kDay};
}

bool add_leaf_extensions(X509* leaf, X509* issuer, const CertificateWish& wish) {
  const char* constraints = wish.flaw == Flaw::ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
  const char* usage = wish.flaw == Flaw::no_signing ? "critical,keyEncipherment" : "critical,digitalSignature";
  return add_extension(leaf, issuer, NID_basic_constraints, constraints) &&
         add_extension(leaf, issuer, NID_key_usage, usage) &&
         add_extension(leaf, issuer, NID_ext_key_usage, "clientAuth") &&
         (wish.dns_name.empty() || add_extension(leaf, issuer, NID_subject_alt_name, "DNS:" + wish.dns_name)) &&
         add_extension(leaf, issuer, NID_authority_key_identifier, "keyid:always");
}

}  // namespace

std::span<const FlawName> flaw_names() { return kFlaws; }

struct IssuingAuthority::Parts {
  Signer root, intermediate;
  Signer stranger;  // of the root's name, with another key
};

IssuingAuthority::IssuingAuthority(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
IssuingAuthority::~IssuingAuthority() = default;

base::Result<std::unique_ptr<IssuingAuthority>> IssuingAuthority::create(const std::string& name) {
  const std::unexpected<base::Error> failed = base::fail(base::ErrorKind::failure, "cannot make the authority " + name);
  std::optional<Signer> root = make_signer(name, nullptr);
  if (!root) return failed;
  std::optional<Signer> intermediate = make_signer(name + " intermediate", &*root);
  std::optional<Signer> stranger = make_signer(name, nullptr);
  if (!intermediate || !stranger) return failed;
  return std::unique_ptr<IssuingAuthority>(
      new IssuingAuthority(std::make_unique<Parts>(std::move(*root), std::move(*intermediate), std::move(*stranger))));
}

base::Result<IssuedCertificate> IssuingAuthority::issue(const CertificateWish& wish, base::Duration ahead) const {
  const bool by_root = wish.issuer == CertificateWish::Issuer::root;
  const Signer& usual = by_root ? parts_->root : parts_->intermediate;
  const Signer& signer = wish.flaw == Flaw::stranger ? parts_->stranger : usual;
  const Key key(wish.key == CertificateWish::KeyKind::rsa ? EVP_RSA_gen(kRsaBits) : EVP_EC_gen("P-256"));
  if (!key) return base::fail(base::ErrorKind::failure, "cannot make a key");
  const Certificate leaf = unsigned_certificate(wish.common_name, key.get(), validity_of(wish, ahead));
  X509* issuer = signer.certificate.get();
  const EVP_MD* digest = wish.flaw == Flaw::sha1 ? EVP_sha1() : EVP_sha256();
  if (!add_leaf_extensions(leaf.get(), issuer, wish) || !sign_certificate(leaf.get(), issuer, signer.key.get(), digest))
    return base::fail(base::ErrorKind::failure, "cannot make a certificate for " + wish.common_name);
  return IssuedCertificate{.certificate = pem_of(leaf.get()),
                           .key = pem_of(key.get()),
                           .chain = by_root ? "" : pem_of(parts_->intermediate.certificate.get())};
}

x509_st* IssuingAuthority::root() const { return parts_->root.certificate.get(); }

}  // namespace sim
