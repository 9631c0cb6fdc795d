// X.509 certificates as IAM Roles Anywhere wants them: the serial number in decimal, the validity, the names that a
// selector compares. It trusts none and verifies no chain; AWS does.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/signing_key.h"

#include <string>
#include <string_view>
#include <vector>

namespace aws {

struct Certificate {
  secret::Der der;
  secret::Der public_key;  // SubjectPublicKeyInfo
  std::string serial;      // decimal
  std::string serial_hex;  // upper case, as openssl prints it
  std::string subject;     // "CN=web,O=Example" (RFC 2253)
  std::string issuer;
  base::Instant not_before;
  base::Instant not_after;
};

/// Error: failure.
base::Result<Certificate> read_certificate(const secret::Der& der);

/// Every certificate of a PEM text, or the one of a DER text. `what` names the file in errors: failure, also where it
/// holds none.
base::Result<std::vector<Certificate>> read_certificates(const secret::Bytes& content, std::string_view what);

/// Whether the certificate is the key's, and is valid at `now`. Errors: failure, refused; each says what to try.
base::Result<void> check_usable(const Certificate& certificate, const secret::Der& public_key, base::Instant now,
                                std::string_view what);

}  // namespace aws
