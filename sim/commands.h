// kabuto-sim's commands for a running simulator: keys, password, code, sign-in, certificate, log, fault,
// check. And the help text.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// Asks the simulator that KABUTO_SIM_URL names over its control interface. Errors: usage, not_found, unreachable.
base::Result<std::string> ask_simulator(const base::Environment& environment, std::string_view method,
                                        const std::string& path, std::string_view body = {});
/// argv[0] is the command's name. The answer is what goes to standard output.
base::Result<std::string> run_client_command(const std::vector<std::string>& arguments,
                                             const base::Environment& environment, base::Clock& clock);
std::string help_text();

}  // namespace sim
