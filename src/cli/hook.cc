// kabuto hook: prints what makes `kabuto use` and `kabuto off` change the shell that is open.
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/hook_scripts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;

struct Shell {
  std::string_view name;
  std::string_view (*hook)();
};
constexpr std::array<Shell, 3> kShells{{{"bash", hook_for_bash}, {"zsh", hook_for_zsh}, {"fish", hook_for_fish}}};
constexpr std::array<std::string_view, 5> kOthers{"dash", "ksh", "mksh", "tcsh", "csh"};

const Shell* find_shell(std::string_view name) {
  const auto found = std::ranges::find(kShells, name, &Shell::name);
  return found == kShells.end() ? nullptr : &*found;
}

/// What another shell would make of the script is errors, or worse: zsh shows every variable. A file is for later.
base::Result<void> check_reader(std::string_view shell, const base::Environment& environment) {
  struct stat facts{};
  if (fstat(kStandardOutput, &facts) != 0 || !S_ISFIFO(facts.st_mode)) return {};
  const std::string parent = base::parent_name();
  const bool has_hook = find_shell(parent) != nullptr;
  if (parent == shell || (!has_hook && std::ranges::find(kOthers, parent) == kOthers.end())) return {};
  return base::fail(
      base::ErrorKind::usage, fmt::format("this shell is {}, and the hook is for {}", parent, shell),
      has_hook ? hook_line(environment) : "there are hooks for bash, zsh and fish; elsewhere run kabuto exec");
}

}  // namespace

std::string hook_line(const base::Environment& environment) {
  std::string shell = base::parent_name();
  if (find_shell(shell) == nullptr) {
    const std::string_view login_shell = environment.get_nonempty("SHELL").value_or("");
    shell = login_shell.substr(login_shell.rfind('/') + 1);
  }
  if (shell == "fish") return "run kabuto hook fish | source";
  return std::string("run eval \"$(kabuto hook ") + (shell == "zsh" ? "zsh" : "bash") + ")\"";
}

Action declare_hook(Arguments& arguments) {
  const auto shell = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("SHELL", *shell, Presence::required, "bash, zsh or fish");
  return [shell](Context& context) -> base::Result<int> {
    const Shell* const asked = find_shell(*shell);
    if (asked == nullptr)
      return base::fail(base::ErrorKind::usage, "no hook for " + base::printable(*shell, 40),
                        "run kabuto hook bash, zsh or fish");
    TRY(check_reader(asked->name, context.environment()));
    TRY(context.output().answer(asked->hook()));
    return 0;
  };
}

}  // namespace cli
