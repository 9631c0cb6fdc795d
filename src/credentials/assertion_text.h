// The token or assertion that a step sends: what its file holds or its program prints, in locked memory.
#pragma once

#include "base/result.h"
#include "credentials/providers.h"
#include "secret/bytes.h"

#include <string>

namespace credentials {

/// "the token of /var/run/token", "the output of web_identity_token_process": for errors.
std::string assertion_source(const Hop& hop);
/// Read or made anew, as it is. Errors: not_found, refused, failure.
base::Result<secret::Bytes> assertion_text(const Errand& errand, const Hop& hop);

}  // namespace credentials
