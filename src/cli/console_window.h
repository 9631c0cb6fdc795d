// Which window an account's console opens in: a container's name and colour, from the profile's own keys and the
// account. It starts nothing.
#pragma once

#include "base/result.h"
#include "deliver/browser.h"

#include <string>
#include <string_view>

namespace cli {

class Context;
struct ConsoleLink;

/// --container, else console_container of the profile. Errors: refused (neither true nor false).
base::Result<bool> wants_container(Context& context, const std::string& profile, bool asked);

/// Name and colour. The colour is console_color of the profile, else red where the profile or the account is called
/// production, else one that the account's id always has. Errors: refused (no such colour).
base::Result<deliver::BrowserChoice> window_of_account(Context& context, const std::string& profile,
                                                       const ConsoleLink& link);

/// Whether one of the name's words is prod, production, prd or live, and not behind non, not or pre.
bool is_production_name(std::string_view name);

}  // namespace cli
