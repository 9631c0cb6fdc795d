// Commands are data: one row of the table each (name, one line of help, what it needs, function), one file, one page in
// doc/cmd/. Help, completion and the man page are made from the rows; a test fails where a piece is missing.
#pragma once

#include "base/result.h"
#include "cli/arguments.h"

#include <functional>
#include <span>
#include <string_view>

namespace cli {

class Context;
struct CommonOptions;

/// Does the work after the command line has been parsed into the variables it owns. The value is the exit code.
using Action = std::function<base::Result<int>(Context&)>;

/// Whose failures the exit code speaks of: our own table, or a child's with 125 for ours (exec).
enum class ExitCodes { own, of_child };
inline constexpr int kExecFailed = 125;  // as env, timeout and docker do

/// Whether help and completion speak of a command; hidden ones are for our own processes.
enum class Listed { yes, no };

struct Command {
  std::string_view name;          // "exec", "store init"
  std::string_view synopsis;      // "PROFILE [-- CMD…]"
  std::string_view summary;       // one line, lower case, no full stop
  Action (*declare)(Arguments&);  // declares the options, returns what runs after parse
  ExitCodes exit_codes;
  Listed listed = Listed::yes;
};

/// What every command takes: --verbose, --no-agent, --passphrase-fd.
void declare_common(Arguments& arguments, CommonOptions& options);

/// Every command, in the order of the help page.
std::span<const Command> commands();

/// Runs `words` (without the program's name); prints errors as two lines; returns the exit code.
int run(std::span<const char* const> words, Context& context);

}  // namespace cli
