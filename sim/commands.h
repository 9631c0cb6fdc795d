// kabuto-sim's commands for a running simulator: keys, password, code, sign-in, log, fault, check. And the help text.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace sim {

/// argv[0] is the command's name. The answer is what goes to standard output.
base::Result<std::string> run_client_command(const std::vector<std::string>& arguments,
                                             const base::Environment& environment, base::Clock& clock);
std::string help_text();

}  // namespace sim
