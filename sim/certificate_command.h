// kabuto-sim certificate: fetches a certificate that a trust anchor's authority issues, and writes it to files.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace sim {

/// Writes certificate.pem, key.pem and, where an intermediate has signed, chain.pem; the answer names them.
base::Result<std::string> write_certificate(const std::vector<std::string>& arguments,
                                            const base::Environment& environment);

}  // namespace sim
