// aws-vault exec, export and version.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/exec.h"
#include "cli/print_credentials.h"
#include "cli/recent.h"
#include "cli/served_profile.h"
#include "credentials/sdk_ttl.h"
#include "deliver/exec.h"
#include "names/aws_vault.h"
#include "names/aws_vault_rules.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "version.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

namespace names {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kStandardOutput = 1;
constexpr std::size_t kShownName = 100;

/// The flags that exec and export share.
struct SessionFlags {
  std::string profile;
  std::optional<std::string> region;
  std::optional<std::string> mfa_token;
  bool no_session = false;
  bool to_stdout = false;
};

void declare_session_flags(cli::Arguments& arguments, SessionFlags& flags, AwsVault& vault) {
  arguments.positional("PROFILE", flags.profile, cli::Presence::optional, "whose credentials; else AWS_PROFILE's");
  arguments.option("-d,--duration", "DURATION", vault.duration_text,
                   "how long the session shall last; 1h where not said");
  arguments.flag("-n,--no-session", flags.no_session,
                 "no GetSessionToken: without a role the long-term keys themselves");
  arguments.option("--region", "REGION", flags.region, "the AWS region");
  arguments.option("-t,--mfa-token", "CODE", flags.mfa_token, "the MFA device's code, instead of asking for it");
  arguments.flag("--stdout", flags.to_stdout, "print the link of a sign-in, and open no browser");
}

base::Result<void> refuse_nested(const base::Environment& environment) {
  if (!environment.get_nonempty("AWS_VAULT")) return {};
  return fail(ErrorKind::refused,
              "running in an existing aws-vault subshell; 'exit' from the subshell or unset AWS_VAULT to force");
}

/// Who is meant, and for how long.
base::Result<cli::SessionOptions> session_of(AwsVault& vault, const SessionFlags& flags, cli::Context& context,
                                             std::string_view command) {
  cli::SessionOptions session;
  session.profile = flags.profile;
  if (session.profile.empty()) session.profile = context.environment().get("AWS_PROFILE").value_or("");
  session.region = flags.region;
  session.mfa_token = flags.mfa_token;
  session.no_session = flags.no_session;
  vault.target = session.profile;
  set_session_lengths(vault, context.environment(), session);
  TRY(choose_session_for(context, session, command));
  return session;
}

std::string name_of(const cli::SessionOptions& session) {
  return session.account ? *session.account + "/" + session.role.value_or("") : session.profile;
}

struct ExecFlags {
  SessionFlags session;
  bool json = false;
  bool server = false;
  bool ec2_server = false;
  bool lazy = false;
  bool profile_env = false;
  std::vector<std::string> command;
};

base::Result<void> check_pairs(const ExecFlags& flags, const AwsVault& vault) {
  const auto refuse = [](bool both, const std::string& text) -> base::Result<void> {
    if (both) return fail(ErrorKind::usage, "Can't use " + text);
    return {};
  };
  TRY(refuse(flags.ec2_server && flags.server, "--ec2-server with --ecs-server"));
  for (const auto& [on, name] :
       {std::pair(flags.ec2_server, "--ec2-server"), std::pair(flags.server, "--ecs-server")}) {
    const std::string with = " with " + std::string(name);
    TRY(refuse(on && flags.json, std::string(name) + " with --json"));
    TRY(refuse(on && flags.session.no_session, std::string(name) + " with --no-session"));
    TRY(refuse(on && vault.prompt == "terminal", "--prompt=terminal" + with + ". Specify a different prompt driver"));
  }
  return {};
}

base::Result<int> print_json(AwsVault& vault, const SessionFlags& flags, cli::Context& context) {
  auto session = TRY(session_of(vault, flags, context, "exec"));
  // An SDK asks anew when 15 minutes are left, so it gets more than that.
  const auto least = least_time_left(context.environment()).value_or(credentials::kSdkMinTtl);
  const auto sign_in = cli::used_by_person() ? cli::sign_in_use(context) : credentials::SignInUse::never;
  auto printed = cli::print_credentials(context, session, {least, deliver::Format::process, sign_in});
  if (!printed) return std::unexpected(as_aws_vault_says(std::move(printed).error(), session.profile, context));
  return 0;
}

/// A configured endpoint is the child's too, which knows no profile.
base::Result<std::string> configured_endpoint(cli::Context& context, const std::string& profile) {
  if (profile.empty() || context.environment().get_nonempty("AWS_ENDPOINT_URL")) return std::string();
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto found = TRY(profiles->find(profile));
  return found ? std::string(found->value("endpoint_url")) : std::string();
}

base::Result<int> exec(AwsVault& vault, ExecFlags& flags, cli::Context& context) {
  TRY(refuse_nested(context.environment()));
  TRY(check_pairs(flags, vault));
  if (flags.json) return print_json(vault, flags.session, context);
  cli::ExecWish wish;
  wish.session = TRY(session_of(vault, flags.session, context, "exec"));
  wish.min_ttl = least_time_left(context.environment()).value_or(wish.min_ttl);
  wish.server = flags.server;
  wish.imds = flags.ec2_server;
  wish.command = flags.command;
  const std::string profile = name_of(wish.session);
  wish.variables = {"AWS_VAULT=" + profile};
  if (const auto url = TRY(configured_endpoint(context, wish.session.profile)); !url.empty())
    wish.variables.push_back("AWS_ENDPOINT_URL=" + url);
  if (flags.profile_env || is_on(context.environment(), "AWS_VAULT_PROFILE_ENV")) {
    wish.credentials = cli::ExecWish::Credentials::by_profile;
    wish.variables.push_back("AWS_PROFILE=" + profile);
  }
  if (wish.command.empty()) {
    wish.command = {deliver::user_shell(context.environment())};
    const bool quiet = context.environment().get("AWS_VAULT_DISABLE_HELP_MESSAGE") == "1";
    if (!quiet && isatty(kStandardOutput) == 1)
      wish.start_note = "Starting subshell " + wish.command[0] + ", use `exit` to exit the subshell";
  }
  auto code = cli::run_under(wish, context);
  if (!code) return std::unexpected(as_aws_vault_says(std::move(code).error(), profile, context));
  return code;
}

struct ExportFlags {
  SessionFlags session;
  std::string format = "env";
};

base::Result<deliver::Format> format_of(const std::string& name) {
  using deliver::Format;
  constexpr std::array<std::pair<std::string_view, Format>, 4> kFormats = {
      {{"env", Format::env_no_export}, {"export-env", Format::env}, {"json", Format::process}, {"ini", Format::ini}}};
  for (const auto& [known, format] : kFormats)
    if (known == name) return format;
  return fail(ErrorKind::usage,
              "enum value must be one of env,export-env,json,ini, got '" + base::printable(name, 40) + "'");
}

base::Result<int> print(AwsVault& vault, ExportFlags& flags, cli::Context& context) {
  const auto format = TRY(format_of(flags.format));
  TRY(refuse_nested(context.environment()));
  auto session = TRY(session_of(vault, flags.session, context, "export"));
  const auto least = least_time_left(context.environment()).value_or(std::chrono::minutes{5});
  auto printed = cli::print_credentials(context, session, {least, format, cli::sign_in_use(context)});
  if (!printed) return std::unexpected(as_aws_vault_says(std::move(printed).error(), session.profile, context));
  return 0;
}

}  // namespace

base::Result<void> choose_session_for(cli::Context& context, cli::SessionOptions& session, std::string_view command) {
  auto chosen = cli::choose_missing_profile(context, session, command);
  if (chosen) return {};
  auto error = base::with_context(std::move(chosen).error(), "unable to select a 'profile'. Try --help");
  if (error.kind == ErrorKind::usage) error.hint = "run aws-vault " + std::string(command) + " --help";
  return std::unexpected(std::move(error));
}

base::Result<void> choose_profile_to(cli::Context& context, std::string& profile, std::string_view command) {
  if (!profile.empty()) return {};
  cli::SessionOptions session;
  TRY(choose_session_for(context, session, command));
  if (session.profile.empty())
    return fail(ErrorKind::usage, "a role of Identity Center has no key to " + std::string(command));
  profile = session.profile;
  return {};
}

base::Error as_aws_vault_says(base::Error error, const std::string& profile, cli::Context& context) {
  const std::string shown = base::printable(profile, kShownName);
  switch (error.kind) {
    case ErrorKind::not_found: {
      const auto profiles = context.profiles();
      const auto places = context.places();
      const auto index = places ? secret::read_names(**places) : std::unexpected(places.error());
      const bool sealed = index && *index && (*index)->find(profile) != nullptr;
      if (!profiles || (*profiles)->contains(profile) || sealed) return error;
      error.what = "profile '" + shown + "' not found in ~/.aws/config and no stored credentials exist for it";
      error.hint = "run aws-vault add " + shown + ", or kabuto import to take over aws-vault's own store";
      return error;
    }
    case ErrorKind::usage:
    case ErrorKind::refused:
      return error;
    default:
      return base::with_context(std::move(error), "Failed to get credentials for " + shown);
  }
}

cli::Action declare_vault_exec(cli::Arguments& arguments, AwsVault& vault) {
  const auto flags = std::make_shared<ExecFlags>();  // shared: the action outlives this call
  declare_session_flags(arguments, flags->session, vault);
  arguments.flag("-j,--json", flags->json, "print the credentials for credential_process, and run nothing");
  arguments.flag("-s,--server,--ecs-server", flags->server, "give the command a local endpoint that renews");
  arguments.flag("--ec2-server", flags->ec2_server, "the same as an instance metadata service");
  arguments.flag("--lazy", flags->lazy, "accepted: the first credentials are fetched before the command starts");
  arguments.flag("--profile-env", flags->profile_env, "give the command AWS_PROFILE, and no credentials");
  arguments.positionals("CMD", flags->command, cli::Presence::optional, "what to run; without it your shell");
  return [flags, &vault](cli::Context& context) { return exec(vault, *flags, context); };
}

cli::Action declare_vault_export(cli::Arguments& arguments, AwsVault& vault) {
  const auto flags = std::make_shared<ExportFlags>();
  declare_session_flags(arguments, flags->session, vault);
  arguments.option("--format", "FORMAT", flags->format, "env (default), export-env, json, ini");
  return [flags, &vault](cli::Context& context) { return print(vault, *flags, context); };
}

cli::Action declare_vault_renewal(cli::Arguments& arguments, AwsVault& vault) {
  const auto session = std::make_shared<cli::SessionOptions>();
  cli::declare_session(arguments, *session, cli::Presence::optional, vault.duration_text);
  return [session, &vault](cli::Context& context) {
    vault.target = session->profile;
    set_session_lengths(vault, context.environment(), *session);
    return cli::renew_for_endpoint(context, *session);
  };
}

cli::Action declare_vault_version(cli::Arguments&, AwsVault&) {
  return [](cli::Context& context) -> base::Result<int> {
    TRY(context.output().answer("kabuto " + std::string(kVersion) + " (as aws-vault)\n"));
    return 0;
  };
}

}  // namespace names
