// kabuto write: a profile's credentials in clear in AWS's credentials file, for tools that know nothing else. Asked for
// by a person, marked as kabuto's, and taken out again.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/served_profile.h"
#include "cli/session_options.h"
#include "credentials/sdk_ttl.h"
#include "deliver/environment.h"
#include "deliver/kept_profile.h"
#include "deliver/supervisor.h"
#include "deliver/temporary_profile.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;
constexpr std::string_view kPrefix = "kabuto-";

struct Options {
  SessionOptions session;
  std::optional<std::string> to;
  bool renew = false;
  bool keep = false;
  bool overwrite = false;
  bool remove = false;
  std::vector<std::string> command;

  bool is_kept_fresh() const { return renew || !command.empty(); }
};

std::unexpected<base::Error> usage(const std::string& what) {
  return base::fail(base::ErrorKind::usage, what, "run kabuto help write");
}

base::Result<void> check_words(const Options& options) {
  if (options.to && options.to->empty()) return usage("--to is empty");
  if (options.remove && (options.is_kept_fresh() || options.keep || options.overwrite))
    return usage("--remove goes with PROFILE and --to alone");
  if (options.keep && !options.is_kept_fresh()) return usage("--keep goes with --renew or a command");
  return {};
}

std::string shown(const std::string& name) { return "[" + base::printable(name, kShownName) + "]"; }

/// A profile of that name which AWS's tools would fill from elsewhere, whatever stands in the credentials file.
base::Result<void> warn_of_other_ways(Context& context, const std::string& name) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  for (const aws::Section* section : profiles->config().sections(aws::SectionKind::profile, name))
    for (const aws::Property& property : profiles->config().properties(*section))
      for (const std::string_view key : {"role_arn", "sso_session", "sso_start_url", "web_identity_token_file",
                                         "credential_process", "login_session"})
        if (base::equals_ignoring_case(property.key, key)) {
          context.output().warn("profile " + base::printable(name, kShownName) + " has " + std::string(key) + " (" +
                                base::printable(profiles->config().path()) + " line " + std::to_string(property.line) +
                                "), which some tools take before what is written");
          return {};
        }
  return {};
}

base::Result<int> remove(const Options& options, Context& context) {
  const std::string file = aws::locations(context.environment()).credentials;
  std::vector<std::string> names;
  if (options.to)
    names = {*options.to};
  else if (!options.session.profile.empty())
    names = {std::string(kPrefix) + options.session.profile};
  const auto gone = TRY(deliver::remove_temporary_profiles(file, names, context.clock()));
  if (gone.empty())
    return base::fail(base::ErrorKind::not_found, "no profile of kabuto's is in " + base::printable(file));
  for (const auto& name : gone) context.output().note("removed " + shown(name) + " from " + base::printable(file));
  return 0;
}

void say_written(Context& context, const Options& options, const std::string& file, const std::string& name,
                 const deliver::ServedProfile& served) {
  const auto& expires = served.lease.credentials.expiration;
  context.output().note("the credentials of " + base::printable(served.name, kShownName) + " are in clear in " +
                        base::printable(file) + " now, as " + shown(name) +
                        (expires ? ", until " + base::iso8601(*expires) : ""));
  if (options.renew && options.command.empty())
    context.output().note(std::string("they are renewed until Ctrl-C, and then ") +
                          (options.keep ? "stay until they end" : "taken out"));
}

/// What is written once: nothing is renewed, so nothing is said of renewals, and a role comes straight from its source.
base::Result<deliver::ServedProfile> fetch_once(Context& context, SessionOptions& options) {
  auto request = TRY(request_of(context, options, credentials::kSdkMinTtl, sign_in_use(context)));
  auto answer = TRY(fetch(context, std::move(request)));
  deliver::ServedProfile out;
  out.name = std::move(answer.profile);
  out.region = std::move(answer.region);
  out.lease = {std::move(answer.credentials), answer.left, {}};
  return out;
}

/// Fetches, writes, and keeps it where that is asked for.
base::Result<int> write(Options& options, Context& context) {
  const std::string file = aws::locations(context.environment()).credentials;
  TRY(choose_missing_profile(context, options.session, "write"));
  const auto foreign = options.overwrite ? deliver::Foreign::replaced : deliver::Foreign::refused;
  // A role of Identity Center has its name only when it is found.
  std::optional<deliver::TemporaryProfile> profile;
  const auto open = [&](const std::string& name) -> base::Result<void> {
    profile.emplace(TRY(deliver::TemporaryProfile::open(file, name, foreign, context.clock())));
    return {};
  };
  std::string name = options.to.value_or("");
  if (name.empty() && !options.session.account) name = std::string(kPrefix) + options.session.profile;
  if (!name.empty()) TRY(open(name));
  deliver::ServedProfile served =
      TRY(options.is_kept_fresh() ? fetch_served(context, options.session) : fetch_once(context, options.session));
  if (name.empty()) TRY(open(name = std::string(kPrefix) + served.name));
  remember_use(context, options.session);
  TRY(warn_of_other_ways(context, name));

  if (!options.is_kept_fresh()) {
    TRY(profile->write(served.lease.credentials, served.region));
    say_written(context, options, file, name, served);
    return 0;
  }
  // From here on signals do not end us before the profile is taken out.
  auto supervisor = TRY(deliver::Supervisor::open());
  TRY(profile->own());
  if (auto written = profile->write(served.lease.credentials, served.region); !written) {
    (void)profile->remove();
    return std::unexpected(std::move(written).error());
  }
  say_written(context, options, file, name, served);
  const auto end = [&] { return options.keep ? profile->leave() : profile->remove(); };
  if (!options.command.empty()) {
    const auto environment = TRY(deliver::child_environment(
        context.environment(), {served.name, served.region, {"AWS_PROFILE=" + name, "AWS_DEFAULT_PROFILE=" + name}}));
    if (const auto started = supervisor.start(options.command, environment); !started) {
      context.output().error(started.error().error);
      TRY(end());
      return started.error().exit_code;
    }
  }
  supervisor.watch();
  const deliver::KeeperNotes notes{[&](const base::Error& error) { context.output().error(error); },
                                   [&](std::string_view text) { context.output().warn(text); }};
  deliver::keep_profile(*profile, std::move(served.lease), served.renewal, served.region, supervisor.stop_fd(),
                        context.clock(), context.environment(), notes);
  if (auto ended = end(); !ended) {
    // The command has done its work; its exit code is what the caller waits for.
    if (options.command.empty()) return std::unexpected(std::move(ended).error());
    context.output().error(ended.error());
  }
  return supervisor.exit_code();
}

base::Result<int> perform(Options& options, Context& context) {
  TRY(check_words(options));
  if (options.remove) return remove(options, context);
  auto code = write(options, context);
  if (code || options.command.empty()) return code;
  context.output().error(code.error());
  return kExecFailed;
}

}  // namespace

Action declare_write(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.option("--to", "NAME", options->to, "the name it gets in the credentials file; else kabuto-PROFILE");
  arguments.flag("--renew", options->renew, "stay, renew it ahead of its end, and take it out at Ctrl-C");
  arguments.flag("--keep", options->keep, "with --renew or CMD: leave it there at the end");
  arguments.flag("--overwrite", options->overwrite, "replace a section of that name which is not kabuto's");
  arguments.flag("--remove", options->remove, "take it out, or without PROFILE all that kabuto has written");
  arguments.command_after_dashes("CMD…", options->command, "what to run with it, renewed as long as CMD runs");
  return [options](Context& context) { return perform(*options, context); };
}

}  // namespace cli
