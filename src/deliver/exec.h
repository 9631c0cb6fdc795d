// Becoming another program: the last thing kabuto does in `exec`. No fork, so pid, terminal and signals are the child's
// own. It never returns where the program could be started.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "deliver/environment.h"

#include <string>
#include <vector>

namespace deliver {

/// Why a program could not be started, and the exit code a shell would give: 127 not found, 126 anything else.
struct ExecFailure {
  int exit_code;
  base::Error error;
};

/// Replaces this process by argv[0], found as execvp finds it on the block's PATH, except that an empty entry is not
/// the current directory. The program starts with default signals and descriptors 0, 1 and 2 alone.
ExecFailure exec(const std::vector<std::string>& argv, const EnvironmentBlock& environment);

/// The user's shell for an exec without a command: $SHELL, else the one of the account, else /bin/sh.
std::string user_shell(const base::Environment& environment);

}  // namespace deliver
