// Which of several certificates is meant: the selector of AWS's own helper for IAM Roles Anywhere.
#pragma once

#include "aws/certificate.h"
#include "base/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace aws {

/// Empty texts match every certificate; at least one is set.
struct CertificateSelector {
  std::string subject;  // "CN=web,O=Example"
  std::string issuer;
  std::string serial_hex;  // upper case, without leading zeros
};

/// `Key=x509Subject,Value=CN=web Key=x509Serial,Value=15D1…`, or the JSON list [{"Key":…,"Value":…}]. Error: failure.
base::Result<CertificateSelector> parse_certificate_selector(std::string_view text);
/// As above; `file:///path` is read.
base::Result<CertificateSelector> read_certificate_selector(const std::string& setting);

/// The place of the one that matches. Errors: not_found (none), failure (several).
base::Result<std::size_t> selected(const CertificateSelector& selector, std::span<const Certificate> certificates);

}  // namespace aws
