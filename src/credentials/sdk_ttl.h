// How much of a session must be left when an SDK is answered. One rule for all who answer SDKs, and for those who renew
// ahead of them.
#pragma once

#include "base/clock.h"

#include <chrono>

namespace credentials {

/// SDKs ask anew when 15 minutes are left: an answer with less than this would be asked for again at once.
inline constexpr base::Duration kSdkMinTtl = std::chrono::minutes{16};

}  // namespace credentials
