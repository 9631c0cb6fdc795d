// The key and the certificates that a profile names for IAM Roles Anywhere, opened for one call.
#pragma once

#include "aws/x509_signing.h"
#include "base/result.h"
#include "credentials/providers.h"
#include "secret/signing_key.h"

#include <memory>

namespace credentials {

/// The key and the certificates that go with it, looked at together.
struct OpenedIdentity {
  std::unique_ptr<secret::SigningKey> key;
  aws::X509Identity identity;  // points at the key
};

/// Reads the files, or asks the token. Errors: refused (files that others can read or write, a certificate that is not
/// valid now), not_found, sign_in_needed (a passphrase, and nobody to ask), failure.
base::Result<OpenedIdentity> open_identity(const Errand& errand, const Hop& hop);

}  // namespace credentials
