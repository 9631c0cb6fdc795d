// When credentials are near their end: what `kabuto prompt` colours and what the watcher of `kabuto exec --warn` says.
#pragma once

#include "base/clock.h"

namespace cli {

constexpr base::Duration kFirstWarning = std::chrono::minutes{15};
constexpr base::Duration kLastWarning = std::chrono::minutes{5};

}  // namespace cli
