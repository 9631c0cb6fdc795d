// kabuto exec: runs a command, or the user's shell, under a role. It becomes the command: no process of ours stays.
#include "deliver/exec.h"

#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/session_options.h"
#include "deliver/end_watcher.h"
#include "deliver/environment.h"

#include <memory>

namespace cli {
namespace {

constexpr base::Duration kMinTtl = std::chrono::minutes{5};

struct Options {
  SessionOptions session;
  bool warn = false;
  std::vector<std::string> command;
};

bool is_true(std::string_view value) { return value == "1" || base::equals_ignoring_case(value, "true"); }

/// --warn, else KABUTO_WARN, else `warn` of the profile.
base::Result<bool> wants_warnings(const Options& options, const std::string& profile, Context& context) {
  if (options.warn) return true;
  if (const auto said = context.environment().get_nonempty("KABUTO_WARN")) return is_true(*said);
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto found = TRY(profiles->find(profile));
  return found && is_true(found->value("warn"));
}

/// The command runs also where it cannot be watched.
void watch_the_end(const credentials::Answer& answer, Context& context) {
  if (!answer.credentials.expiration || !deliver::has_terminal_to_warn_on()) return;
  const auto started =
      deliver::start_end_watcher(answer.profile, *answer.credentials.expiration, context.environment());
  if (!started) context.output().warn(started.error().what);
}

base::Result<int> perform(Options& options, Context& context) {
  TRY(choose_missing_profile(context, options.session, "exec"));
  auto request = TRY(request_of(context, options.session, kMinTtl, sign_in_use(context)));
  const auto answer = TRY(fetch(context, std::move(request)));
  const auto environment =
      TRY(deliver::child_environment(context.environment(), answer.credentials, {answer.profile, answer.region}));
  remember_use(context, options.session);
  if (options.command.empty()) options.command = {deliver::user_shell(context.environment())};
  if (TRY(wants_warnings(options, answer.profile, context))) watch_the_end(answer, context);
  const auto failure = deliver::exec(options.command, environment);
  context.output().error(failure.error);
  return failure.exit_code;
}

}  // namespace

Action declare_exec(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.flag("--warn", options->warn, "say on the terminal when 15 and 5 minutes are left, and at the end");
  arguments.command_after_dashes("CMD…", options->command, "what to run; without it your shell");
  return [options](Context& context) { return perform(*options, context); };
}

}  // namespace cli
