// Several secrets as the one body of a record: each with its length before it. It knows nothing of what they are.
#pragma once

#include "secret/bytes.h"

#include <optional>
#include <span>
#include <vector>

namespace secret {

Bytes pack(std::span<const Bytes* const> parts);
/// nullopt for what pack() does not write with so many parts.
std::optional<std::vector<Bytes>> unpack(const Bytes& packed, std::size_t count);

}  // namespace secret
