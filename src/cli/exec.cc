// kabuto exec: runs a command, or the user's shell, under a role. It becomes the command: no process of ours stays.
#include "cli/exec.h"

#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/served_profile.h"
#include "deliver/end_watcher.h"
#include "deliver/endpoint.h"
#include "deliver/endpoint_files.h"
#include "deliver/environment.h"
#include "deliver/exec.h"

#include <algorithm>
#include <array>
#include <memory>

namespace cli {
namespace {

bool is_true(std::string_view value) { return value == "1" || base::equals_ignoring_case(value, "true"); }

/// --warn, else KABUTO_WARN, else `warn` of the profile.
base::Result<bool> wants_warnings(const ExecWish& options, const std::string& profile, Context& context) {
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

/// Whether AWS's files give a profile of no name credentials of its own, which every SDK takes before an endpoint's.
base::Result<bool> files_come_first(Context& context) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto found = TRY(profiles->find("default"));
  if (!found) return false;
  constexpr std::array<std::string_view, 7> kGiving = {
      "aws_access_key_id", "credential_process",      "role_arn",     "sso_session",
      "sso_start_url",     "web_identity_token_file", "login_session"};
  return std::ranges::any_of(kGiving, [&](auto key) { return !found->value(key).empty(); });
}

/// The endpoint beside the command, and the environment that names it.
base::Result<deliver::EnvironmentBlock> serve_beside(ExecWish& options, Context& context) {
  deliver::EndpointSetup setup;
  if (options.imds) {
    if (options.server)
      return base::fail(base::ErrorKind::usage, "--server and --imds exclude each other", "use --server");
    setup.kind = deliver::EndpointKind::metadata;
    warn_of_metadata_service(context.output());
  }
  setup.profiles.push_back(TRY(fetch_served(context, options.session)));
  const auto& profile = setup.profiles.front();
  deliver::EndpointOffer offer{
      .kind = setup.kind, .uri = {}, .token = &profile.token, .hides_files = TRY(files_come_first(context))};
  if (offer.hides_files)
    context.output().note(
        "the files' [default] profile has credentials, which an SDK would take first: the command does "
        "not see AWS's files");
  const auto sockets = TRY(http::listen_on_loopback());
  offer.uri = deliver::endpoint_uri(setup.kind, profile, sockets.port);
  auto environment =
      TRY(deliver::child_environment(context.environment(), offer, {profile.name, profile.region, options.variables}));
  TRY(deliver::start_endpoint_beside(setup, sockets, context.environment()));
  return environment;
}

base::Result<deliver::EnvironmentBlock> hand_over(ExecWish& options, Context& context) {
  auto request = TRY(request_of(context, options.session, options.min_ttl, sign_in_use(context)));
  const auto answer = TRY(fetch(context, std::move(request)));
  tell_agent(context, options.session, answer);
  const deliver::Recipient recipient{answer.profile, answer.region, options.variables};
  auto environment = TRY(options.credentials == ExecWish::Credentials::by_profile
                             ? deliver::child_environment(context.environment(), recipient)
                             : deliver::child_environment(context.environment(), answer.credentials, recipient));
  if (TRY(wants_warnings(options, answer.profile, context))) watch_the_end(answer, context);
  return environment;
}

/// Returns only where the command cannot be started.
int become(const std::vector<std::string>& command, const deliver::EnvironmentBlock& environment, Context& context) {
  const auto failure = deliver::exec(command, environment);
  context.output().error(failure.error);
  return failure.exit_code;
}

}  // namespace

base::Result<int> run_under(ExecWish& options, Context& context) {
  const auto environment =
      TRY(options.server || options.imds ? serve_beside(options, context) : hand_over(options, context));
  remember_use(context, options.session);
  if (options.command.empty()) options.command = {deliver::user_shell(context.environment())};
  if (!options.start_note.empty()) context.output().note(options.start_note);
  return become(options.command, environment, context);
}

base::Result<int> run_with(const std::vector<std::string>& command, const credentials::Answer& answer,
                           const deliver::Recipient& recipient, Context& context) {
  const auto environment = TRY(deliver::child_environment(context.environment(), answer.credentials, recipient));
  return become(command, environment, context);
}

Action declare_exec(Arguments& arguments) {
  const auto options = std::make_shared<ExecWish>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.flag("--warn", options->warn, "say on the terminal when 15 and 5 minutes are left, and at the end");
  arguments.flag("--server", options->server,
                 "give the command a local endpoint that renews, instead of credentials that end");
  arguments.flag("--imds", options->imds,
                 "the same as EC2's instance metadata service (IMDSv2), which no token guards");
  arguments.command_after_dashes("CMD…", options->command, "what to run; without it your shell");
  return [options](Context& context) -> base::Result<int> {
    TRY(choose_missing_profile(context, options->session, "exec"));
    return run_under(*options, context);
  };
}

}  // namespace cli
