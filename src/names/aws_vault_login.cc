// aws-vault login: AWS's web console as a profile. And the commands that have nothing to do here, which say so.
#include "base/text.h"
#include "cli/console.h"
#include "cli/context.h"
#include "names/aws_vault.h"
#include "names/aws_vault_rules.h"

#include <memory>
#include <utility>

namespace names {
namespace {

constexpr base::Duration kUsualFederation = std::chrono::hours{1};

struct Flags {
  std::string profile;
  std::optional<std::string> region;
  std::optional<std::string> mfa_token;
  std::string path;
  bool no_session = false;
  bool auto_logout = false;
  bool to_stdout = false;
  bool device_code = false;
};

/// The page, as aws-vault takes it: without the first stroke, and in the session's region.
std::string page_of(const std::string& path, const std::string& region) {
  if (path.empty()) return {};
  std::string page = path.starts_with('/') ? path : "/" + path;
  if (!region.empty() && page.find_first_of("?#") == std::string::npos) page += "?region=" + region;
  return page;
}

base::Result<int> login(AwsVault& vault, Flags& flags, cli::Context& context) {
  const auto& environment = context.environment();
  cli::SessionOptions session;
  session.profile = flags.profile;
  if (session.profile.empty()) session.profile = environment.get("AWS_PROFILE").value_or("");
  session.region = flags.region;
  session.mfa_token = flags.mfa_token;
  session.no_session = flags.no_session;
  vault.target = session.profile;
  set_session_lengths(vault, environment, session);
  // Without a profile the keys of the environment sign in; without those a person chooses.
  if (session.profile.empty() && !environment.get_nonempty("AWS_ACCESS_KEY_ID"))
    TRY(choose_session_for(context, session, "login"));
  auto request = TRY(cli::request_of(context, session, cli::kConsoleMinTtl, cli::sign_in_use(context)));
  cli::OpenConsole how;
  how.wish.path = page_of(flags.path, flags.region.value_or(""));
  how.wish.issuer = "aws-vault";
  how.wish.signs_out_first = flags.auto_logout || is_on(environment, "AWS_VAULT_AUTO_LOGOUT");
  how.wish.federated_duration = vault.duration ? vault.duration : federation_length(environment);
  if (!how.wish.federated_duration) how.wish.federated_duration = kUsualFederation;
  // aws-vault always federates, and signs in to nothing else.
  how.wish.way = cli::ConsoleWish::Way::federate;
  if (flags.to_stdout || is_on(environment, "AWS_VAULT_STDOUT")) how.to = cli::OpenConsole::To::standard_output;
  if (auto opened = cli::open_console(context, std::move(request), how); !opened)
    return std::unexpected(as_aws_vault_says(std::move(opened).error(), session.profile, context));
  return 0;
}

}  // namespace

cli::Action declare_vault_login(cli::Arguments& arguments, AwsVault& vault) {
  const auto flags = std::make_shared<Flags>();  // shared: the action outlives this call
  if (const auto length = vault.call.environment.get_nonempty("AWS_VAULT_DURATION")) vault.duration_text = *length;
  arguments.positional("PROFILE", flags->profile, cli::Presence::optional,
                       "whose console; else AWS_PROFILE's, else that of the environment's keys");
  arguments.option("-d,--duration", "DURATION", vault.duration_text,
                   "how long the session shall last; 1h where not said");
  arguments.flag("-n,--no-session", flags->no_session, "no GetSessionToken");
  arguments.flag("-a,--auto-logout", flags->auto_logout, "end the browser's other console sessions first");
  arguments.option("-t,--mfa-token", "CODE", flags->mfa_token, "the MFA device's code, instead of asking for it");
  arguments.option("--path", "PATH", flags->path, "the page: s3/home");
  arguments.option("--region", "REGION", flags->region, "the AWS region");
  arguments.flag("-s,--stdout", flags->to_stdout, "print the link, and open no browser");
  arguments.flag("--device-code", flags->device_code, "accepted: a sign-in takes a device code where no browser is");
  return [flags, &vault](cli::Context& context) { return login(vault, *flags, context); };
}

cli::Action declare_vault_proxy(cli::Arguments& arguments, AwsVault&) {
  const auto stop = std::make_shared<bool>();  // shared: the action outlives this call
  arguments.flag("--stop", *stop, "accepted");
  return [stop](cli::Context&) -> base::Result<int> {
    return base::fail(base::ErrorKind::refused,
                      "there is no proxy on 169.254.169.254 here: no process of kabuto runs as root",
                      "run aws-vault exec --ec2-server PROFILE, or kabuto serve PROFILE --imds for several programs");
  };
}

cli::Action declare_vault_migrate(cli::Arguments&, AwsVault&) {
  return [](cli::Context&) -> base::Result<int> {
    return base::fail(base::ErrorKind::refused, "keys are in kabuto's store, which has no backends",
                      "run kabuto import to take over aws-vault's own stores, kabuto store slots to open it otherwise");
  };
}

}  // namespace names
