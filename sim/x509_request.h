// Who signs a request to Roles Anywhere: the certificate it came with, its chain, and the signature by its key.
#pragma once

#include "rest.h"
#include "x509_leaf.h"

#include <string>
#include <vector>

namespace sim {

struct Presented {
  PresentedCertificate leaf;
  std::vector<PresentedCertificate> chain;
};

/// x-amz-x509 and x-amz-x509-chain. Errors: AccessDeniedException.
Checked<Presented> read_certificates(const Request& request);

/// Serial number, time, scope (whose region is `region`), signed headers, signature. Errors: AccessDeniedException with
/// AWS's one sentence for all of them.
Checked<void> check_x509_signature(const RestCall& call, const PresentedCertificate& leaf, const std::string& region);

}  // namespace sim
