// The signature of IAM Roles Anywhere: SigV4's canonical request, signed by the private key of a certificate in place
// of a secret access key. It signs a request that is otherwise complete; it sends nothing.
#pragma once

#include "aws/certificate.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "secret/signing_key.h"

#include <string>
#include <vector>

namespace aws {

/// Who signs. The certificate is the key's; `chain` are those that lead to a trust anchor, without the anchor.
struct X509Identity {
  secret::SigningKey* key = nullptr;
  Certificate certificate;
  std::vector<Certificate> chain;
};

/// What was signed, for tests.
struct X509Signature {
  secret::Bytes canonical_request;
  std::string string_to_sign;
  std::string hex;
};

/// Adds X-Amz-Date, X-Amz-X509, X-Amz-X509-Chain and Authorization. Errors: as sign(), and those of the key.
base::Result<X509Signature> sign_with_certificate(http::Request& request, const X509Identity& identity,
                                                  const Endpoint& endpoint, base::Instant when);

}  // namespace aws
