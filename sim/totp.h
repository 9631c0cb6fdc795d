// One-time codes of RFC 6238, as virtual MFA devices show them.
#pragma once

#include "base/clock.h"
#include "crypto.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sim {

constexpr std::int64_t kTotpStepSeconds = 30;

/// Number of the 30 s step that `when` lies in.
std::int64_t totp_step(base::Instant when);
/// HOTP (RFC 4226) of `counter`; `secret` in raw bytes, `digits` 6 to 8.
std::string hotp(std::string_view secret, std::int64_t counter, int digits = 6, TotpHash hash = TotpHash::sha1);

}  // namespace sim
