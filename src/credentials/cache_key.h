// The name of a cached session: a hash of everything that changes the answer, chained from the first step on. It must
// never take in a secret: the name of a file is in clear.
#pragma once

#include "credentials/chain.h"

#include <string>

namespace credentials {

/// 64 hex digits; `before` is the key of the step before, empty for the first.
std::string cache_key(const Hop& hop, const std::string& before);

}  // namespace credentials
