// DPoP proofs (RFC 9449, ES256 only): a JWT that shows that whoever sends a request holds a key.
#pragma once

#include "base/clock.h"
#include "checks.h"
#include "error.h"

#include <string>
#include <string_view>

namespace sim {

struct DpopProof {
  std::string key_thumbprint;  // RFC 7638
  std::string id;              // jti
};

/// Form, algorithm, signature, method, URL and time. Errors: ValidationException.
Checked<DpopProof> check_dpop(std::string_view jwt, std::string_view url, base::Instant now, const Checks& checks);

}  // namespace sim
