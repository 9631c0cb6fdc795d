// kabuto exec: runs a command, or the user's shell, under a role. It becomes the command: no process of ours stays.
#include "deliver/exec.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/session_options.h"
#include "deliver/environment.h"

#include <memory>

namespace cli {
namespace {

constexpr base::Duration kMinTtl = std::chrono::minutes{5};

struct Options {
  SessionOptions session;
  std::vector<std::string> command;
};

base::Result<int> perform(Options& options, Context& context) {
  TRY(choose_missing_profile(context, options.session, "exec"));
  auto request = TRY(request_of(options.session, kMinTtl));
  const auto answer = TRY(fetch(context, std::move(request)));
  const auto environment =
      TRY(deliver::child_environment(context.environment(), answer.credentials, {answer.profile, answer.region}));
  remember_use(context, options.session);
  if (options.command.empty()) options.command = {deliver::user_shell(context.environment())};
  const auto failure = deliver::exec(options.command, environment);
  context.output().error(failure.error);
  return failure.exit_code;
}

}  // namespace

Action declare_exec(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.command_after_dashes("CMD…", options->command, "what to run; without it your shell");
  return [options](Context& context) { return perform(*options, context); };
}

}  // namespace cli
