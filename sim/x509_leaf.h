// A certificate that a request came with, and what Roles Anywhere asks of it: who it names, which key signed the
// request, and whether it leads to a trust anchor.
#pragma once

#include "base/clock.h"
#include "message.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// OpenSSL's own type, so that its headers stay out of here.
struct x509_st;

namespace sim {

class PresentedCertificate {
 public:
  /// From base64 of DER; nullopt where it is none.
  static std::optional<PresentedCertificate> parse(std::string_view base64_der);

  /// AWS4-X509-RSA-SHA256 or AWS4-X509-ECDSA-SHA256, as its key is; empty for another kind of key.
  std::string_view signature_algorithm() const;
  /// Over SHA-256 of `text`: PKCS#1 v1.5, or ECDSA in DER.
  bool has_signed(std::string_view text, std::string_view signature) const;

  std::string serial_decimal() const;
  /// Lower case, as session names have it.
  std::string serial_hex() const;
  std::string common_name() const;
  /// x509Subject/CN and its like: the attributes of subject and issuer, and the alternative names.
  Pairs attributes() const;

  bool is_version_3() const;
  /// Its basic constraints are there and say CA:FALSE.
  bool is_end_entity() const;
  bool may_sign() const;
  /// The certificate's own signature is over SHA-256 or stronger.
  bool is_hashed_well() const;

  enum class TimeCheck { on, off };
  enum class Path { good, out_of_time, broken };
  /// Whether it leads over `chain` to `root` at `now`.
  Path path_to(x509_st* root, const std::vector<PresentedCertificate>& chain, base::Instant now, TimeCheck time) const;

 private:
  struct Free {
    void operator()(x509_st* certificate) const;
  };
  explicit PresentedCertificate(x509_st* certificate) : certificate_(certificate) {}
  std::unique_ptr<x509_st, Free> certificate_;
};

}  // namespace sim
