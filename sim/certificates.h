// A throw-away certificate authority for the simulator's proxy: made at start, its key never leaves memory. Not for any
// other use.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>

// OpenSSL's own type, so that its headers stay out of here.
struct ssl_ctx_st;

namespace sim {

class CertificateAuthority {
 public:
  static base::Result<std::unique_ptr<CertificateAuthority>> create();
  ~CertificateAuthority();

  /// The authority's certificate, PEM, for AWS_CA_BUNDLE.
  std::string certificate_pem() const;
  /// A server context with a fresh leaf certificate for `host`; the caller owns it. nullptr where OpenSSL fails.
  ssl_ctx_st* context_for(const std::string& host) const;

 private:
  struct Parts;
  explicit CertificateAuthority(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sim
