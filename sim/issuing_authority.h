// The throw-away authority behind a trust anchor of Roles Anywhere: made at start, with an intermediate, it issues
// certificates for tests and rehearsals, with a flaw where one is asked for.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// OpenSSL's own type, so that its headers stay out of here.
struct x509_st;

namespace sim {

enum class Flaw { expired, not_yet, ca, no_signing, sha1, stranger };
struct FlawName {
  std::string_view name;
  Flaw flaw;
  std::string_view what;
};
std::span<const FlawName> flaw_names();

struct CertificateWish {
  std::string common_name;
  std::string dns_name;  // a subject alternative name; empty: none
  enum class KeyKind { rsa, ec } key = KeyKind::ec;
  enum class Issuer { root, intermediate } issuer = Issuer::root;
  std::optional<Flaw> flaw;
};

struct IssuedCertificate {
  std::string certificate, key, chain;  // PEM; the key PKCS#8, the chain empty where the root has signed
};

class IssuingAuthority {
 public:
  static base::Result<std::unique_ptr<IssuingAuthority>> create(const std::string& name);
  ~IssuingAuthority();

  /// Valid from a day before now, by a clock that is `ahead` of the system's, for 30 days.
  base::Result<IssuedCertificate> issue(const CertificateWish& wish, base::Duration ahead) const;
  /// The root: what a trust anchor holds.
  x509_st* root() const;

 private:
  struct Parts;
  explicit IssuingAuthority(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sim
