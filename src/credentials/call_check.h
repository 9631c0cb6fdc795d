// What AWS would refuse of a planned chain whoever asks: found before a person is asked for a code, which counts once.
// Pure.
#pragma once

#include "base/result.h"
#include "credentials/chain.h"

namespace credentials {

/// Of a hop that is a call of STS; nothing is wrong with any other. Error: refused, naming the field and its rule.
base::Result<void> check_call(const Hop& hop);
/// Of all hops of a chain.
base::Result<void> check_calls(const Chain& chain);

}  // namespace credentials
