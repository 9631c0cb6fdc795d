// kabuto add: seals a long-term access key in the store, after AWS has said whose it is. It writes nothing to AWS's
// files unless asked, and stores nothing that AWS refuses.
#include "aws/arn.h"
#include "aws/service_error.h"
#include "aws/sts.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/sealing.h"
#include "credentials/key_input.h"
#include "secret/store.h"

#include <fmt/format.h>

#include <memory>

namespace cli {
namespace {

using base::ErrorKind;

struct Options {
  std::string profile;
  bool from_environment = false;
  bool no_verify = false;
  bool replace = false;
  bool add_config = false;
  std::optional<std::string> region;
  std::optional<std::string> mfa_serial;
  SlotWords slot;
};

base::Result<aws::CallerIdentity> verified(Context& context, const Options& options, const aws::Credentials& key) {
  auto caller = owner_of_key(context, options.profile, options.region, key);
  if (caller) return caller;
  auto error =
      base::with_context(aws::naming(std::move(caller).error(), {options.profile, options.profile, options.profile}),
                         "AWS does not accept " + key.access_key_id + ", nothing was stored");
  if (error.kind == ErrorKind::unreachable) {
    error.what = "the key could not be verified, nothing was stored: " + error.what;
    error.hint = "run kabuto add --no-verify " + base::shell_word(options.profile) + " where AWS cannot be reached";
  } else if (error.kind == ErrorKind::unknown_key) {
    error.hint = "check the key; one that is only seconds old may need a few more";
  }
  return std::unexpected(std::move(error));
}

base::Result<void> check_options(const Options& options) {
  TRY(credentials::check_profile_name(options.profile));
  if (!options.add_config && options.mfa_serial)
    return base::fail(ErrorKind::usage, "--mfa-serial is written to the config file: give --add-config too",
                      "run kabuto help add");
  return {};
}

base::Result<void> refuse_overwriting(secret::Store* store, const Options& options) {
  if (store == nullptr || options.replace) return {};
  if (const auto known = store->key(options.profile))
    return base::fail(ErrorKind::refused,
                      fmt::format("{} has a sealed key already, {}", options.profile, known->access_key_id),
                      "run kabuto add --replace " + base::shell_word(options.profile));
  return {};
}

base::Result<int> add(Context& context, const Options& options) {
  TRY(check_options(options));
  secret::Store* const store = TRY(store_if_any(context));
  TRY(refuse_overwriting(store, options));
  // The store itself is made only for a key that AWS accepts.
  TRY(check_can_seal(context, options.profile, options.slot));
  const aws::Credentials key =
      TRY(options.from_environment ? credentials::key_of_environment(context.environment()) : given_key(context, {}));
  aws::CallerIdentity caller;
  if (!options.no_verify) caller = TRY(verified(context, options, key));
  TRY(seal_key(context, options.profile, key, caller, options.slot));
  context.output().note(fmt::format("sealed {} for {}{}", key.access_key_id, options.profile,
                                    caller.arn.empty() ? ", not verified" : ": " + base::printable(caller.arn)));
  if (const auto arn = aws::parse_arn(caller.arn); arn && arn->resource == "root")
    context.output().warn("this is the key of the account's root user; AWS advises to delete it and use an IAM user's");
  if (options.add_config) TRY(write_profile(context, options.profile, options.region, options.mfa_serial));
  warn_of_clear_key(context, options.profile);
  context.output().note(
      fmt::format("next: kabuto exec {} -- aws sts get-caller-identity", base::shell_word(options.profile)));
  return 0;
}

}  // namespace

Action declare_add(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("PROFILE", options->profile, Presence::required, "the profile that the key is for");
  arguments.flag("--env", options->from_environment, "take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  arguments.flag("--no-verify", options->no_verify, "do not ask AWS whose key it is");
  arguments.flag("--replace", options->replace, "replace the profile's sealed key");
  arguments.flag("--add-config", options->add_config, "write the profile to AWS's config file");
  arguments.option("--region", "REGION", options->region, "verify there; with --add-config written to the profile");
  arguments.option("--mfa-serial", "ARN", options->mfa_serial, "with --add-config: the user's MFA device");
  declare_slot_options(arguments, options->slot);
  return [options](Context& context) { return add(context, *options); };
}

}  // namespace cli
