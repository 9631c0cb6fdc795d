// What lies in clear on this machine and what other tools keep, as `kabuto import` would find it: each with the import
// that mends it. Nothing is opened, nobody is asked.
#pragma once

#include "base/clock.h"
#include "credentials/sign_in.h"
#include "doctor/finding.h"

namespace cli {

class Context;

doctor::Findings look_at_clear(Context& context);

/// Whether a sign-in still gives tokens, as far as is known here.
bool is_live(const credentials::SignInStatus& status, const base::Clock& clock);

}  // namespace cli
