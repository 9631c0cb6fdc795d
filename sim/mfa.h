// Virtual MFA devices: accepting a code once, and showing the one that is due.
#pragma once

#include "error.h"
#include "message.h"
#include "world.h"

#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// Checks SerialNumber and TokenCode of a call. nullptr: neither was given. A right code is used up, whatever happens
/// to the call afterwards. Errors: AccessDenied, in AWS's three wordings.
Checked<const MfaDevice*> check_mfa(World& world, const Caller& caller, const std::optional<std::string>& serial,
                                    const std::optional<std::string>& code);

/// Uses a code up. A used code is told apart from a wrong one.
enum class CodeUse { accepted, wrong, used };
CodeUse use_code(const World& world, MfaDevice& device, std::string_view code);

/// A code as the device shows it, or how long until it shows one that has not been used.
struct CodeOffer {
  std::string code;  // empty: wait
  base::Duration wait{0};
};
/// Which codes may be offered: the one of the current step only, as a device shows, or any that would be accepted now.
enum class CodeChoice { current, any_accepted };
CodeOffer offer_code(const World& world, const MfaDevice& device, CodeChoice choice);

}  // namespace sim
