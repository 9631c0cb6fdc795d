// kabuto hook: prints what makes `kabuto use` and `kabuto off` change the shell that is open.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/hook_scripts.h"

#include <memory>

namespace cli {

Action declare_hook(Arguments& arguments) {
  const auto shell = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("SHELL", *shell, Presence::required, "bash, zsh or fish");
  return [shell](Context& context) -> base::Result<int> {
    std::string_view script;
    if (*shell == "bash") script = hook_for_bash();
    if (*shell == "zsh") script = hook_for_zsh();
    if (*shell == "fish") script = hook_for_fish();
    if (script.empty())
      return base::fail(base::ErrorKind::usage, "no hook for " + base::printable(*shell, 40),
                        "run kabuto hook bash, zsh or fish");
    TRY(context.output().answer(script));
    return 0;
  };
}

}  // namespace cli
