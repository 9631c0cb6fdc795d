// The declare functions of all commands, one per file; the table in table.cc names each once.
#pragma once

#include "cli/command.h"

namespace cli {

Action declare_help(Arguments& arguments);
Action declare_version(Arguments& arguments);
Action declare_profile_set(Arguments& arguments);
Action declare_profile_unset(Arguments& arguments);
Action declare_profile_rename(Arguments& arguments);

}  // namespace cli
