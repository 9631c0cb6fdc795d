// Plays a browser for stories and scripts: opens a sign-in link, fills in the pages' forms and follows every redirect,
// as a person with a browser would. It reads the HTML that it is given and knows nothing of the simulator's insides.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace sim {

/// kabuto-sim sign-in URL --user USER [--user-code CODE] [--cancel] [--wrong-password] [--wrong-code]. The answer is
/// the text of the last page. Errors: denied where a page says so, unreachable, usage.
base::Result<std::string> sign_in_as_a_browser(const std::vector<std::string>& arguments,
                                               const base::Environment& environment, base::Clock& clock);

}  // namespace sim
