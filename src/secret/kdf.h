// Argon2id: from a passphrase to the key that wraps a slot.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/slot.h"

#include <span>
#include <string>

namespace secret {

/// True where the limits allow this cost; ask before anything is allocated.
bool allowed(const KdfCost& cost, const KdfLimits& limits);

/// `salt_hex`: 16 bytes. failure: not enough memory; refused: outside the limits.
base::Result<Bytes> derive(const Bytes& passphrase, const std::string& salt_hex, const KdfCost& cost,
                           const KdfLimits& limits);

/// The cost for a new slot, found by measuring: the least, its memory doubled until the target time is reached.
base::Result<KdfCost> measured_cost(const KdfLimits& limits, base::Clock& clock);

/// 16 random bytes, hex.
std::string new_salt();

}  // namespace secret
