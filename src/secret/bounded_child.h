// A call that may hang, run in a forked child with a time limit; its answer comes back through a pipe into locked
// memory.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <cstddef>
#include <functional>
#include <span>

namespace secret {

/// Sends bytes from the child to its parent.
using Send = std::function<void(std::span<const std::byte>)>;

/// Runs `work` in the child and returns all it sent. unreachable: no end within `limit` (the child is killed), or the
/// child died. `what` names the call in the error.
base::Result<Bytes> run_bounded(const std::function<void(const Send&)>& work, base::Duration limit,
                                std::size_t most_bytes, std::string_view what, base::Clock& clock);

}  // namespace secret
