// kabuto add: seals a long-term access key in the store, after AWS has said whose it is. It writes nothing to AWS's
// files unless asked, and stores nothing that AWS refuses.
#include "aws/arn.h"
#include "aws/client.h"
#include "aws/config_writer.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/service_error.h"
#include "aws/sts.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/key_sessions.h"
#include "cli/make_store.h"
#include "credentials/key_input.h"
#include "secret/places.h"
#include "secret/prompt.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;

constexpr int kStandardInput = 0;
constexpr std::size_t kLongestName = 128;

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

/// Names go into files, arguments and the terminal: what would need an escape anywhere is refused here.
base::Result<void> check_name(const std::string& name) {
  if (name.empty() || name.size() > kLongestName || base::printable(name, kLongestName * 4) != name ||
      base::trim(name) != name || name.front() == '-')
    return base::fail(ErrorKind::refused, "this is no name for a profile: " + base::printable(name, kLongestName));
  return {};
}

base::Result<secret::Bytes> standard_input() {
  secret::Buffer buffer(credentials::kMostKeyInput);
  while (true) {
    const auto room = buffer.room();
    if (room.empty()) return base::fail(ErrorKind::refused, "standard input holds more than a key");
    const auto count = ::read(kStandardInput, room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::fail(ErrorKind::failure, "read standard input: " + base::errno_text(errno));
    if (count == 0) break;
    buffer.filled(static_cast<std::size_t>(count));
  }
  return std::move(buffer).take();
}

base::Result<aws::Credentials> typed_key(Context& context) {
  auto& prompt = context.prompt();
  TRY(prompt.ready());
  const std::string id = TRY(prompt.ask_text("Access key id"));
  // A wrong id is said before the secret is asked for.
  TRY(credentials::check_access_key_id(base::trim_lines(id)));
  auto secret_key = TRY(prompt.ask_secret("Secret access key (not shown)"));
  return credentials::key_of_parts(id, std::move(secret_key));
}

base::Result<aws::Credentials> given_key(Context& context, const Options& options) {
  if (options.from_environment) return credentials::key_of_environment(context.environment());
  if (::isatty(kStandardInput) == 1) return typed_key(context);
  auto text = TRY(standard_input());
  // Nothing at all: a program that closed or redirected standard input, with a person at the terminal.
  if (text.empty() && context.prompt().ready()) return typed_key(context);
  if (text.empty())
    return base::fail(ErrorKind::sign_in_needed, "standard input is empty, and there is no terminal to ask at",
                      R"(give {"AccessKeyId": "AKIA…", "SecretAccessKey": "…"} on standard input)");
  return credentials::key_of_json(std::move(text));
}

base::Result<aws::CallerIdentity> verified(Context& context, const Options& options, const aws::Credentials& key) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto profile = TRY(profiles->find(options.profile));
  const aws::SettingSources settings{context.environment(),
                                     profiles,
                                     profile ? &*profile : nullptr,
                                     options.region ? std::string_view(*options.region) : std::string_view(),
                                     {}};
  const aws::Endpoint endpoint = TRY(aws::resolve_endpoint(aws::Service::sts, settings));
  aws::Sts sts(context.aws_client(settings), endpoint);
  auto caller = sts.get_caller_identity(key);
  if (caller) return caller;
  auto error =
      base::with_context(aws::naming(std::move(caller).error(), {options.profile, options.profile, options.profile}),
                         "AWS does not accept " + key.access_key_id + ", nothing was stored");
  if (error.kind == ErrorKind::unreachable) {
    error.what = "the key could not be verified, nothing was stored: " + error.what;
    error.hint = "run kabuto add --no-verify " + options.profile + " where AWS cannot be reached";
  } else if (error.kind == ErrorKind::unknown_key) {
    error.hint = "check the key; one that is only seconds old may need a few more";
  }
  return std::unexpected(std::move(error));
}

base::Result<void> write_config(Context& context, const Options& options) {
  std::vector<aws::Edit> edits;
  const auto section = aws::SectionName::of_profile(options.profile, aws::FileKind::config);
  const aws::Profiles* const profiles = TRY(context.profiles());
  const bool is_new = profiles->config().sections(aws::SectionKind::profile, options.profile).empty();
  if (is_new) edits.push_back({aws::Edit::Action::add_section, section, {}, {}, {}, {}});
  if (options.region) edits.push_back({aws::Edit::Action::set, section, "region", {}, *options.region, {}});
  if (options.mfa_serial) edits.push_back({aws::Edit::Action::set, section, "mfa_serial", {}, *options.mfa_serial, {}});
  if (edits.empty()) return {};
  const auto files = aws::locations(context.environment());
  TRY(aws::edit_file(files.config, aws::FileKind::config, edits, context.clock()));
  context.output().note("wrote the profile to " + base::printable(files.config));
  return {};
}

base::Result<void> check_options(const Options& options) {
  TRY(check_name(options.profile));
  if (!options.add_config && options.mfa_serial)
    return base::fail(ErrorKind::usage, "--mfa-serial is written to the config file: give --add-config too",
                      "run kabuto help add");
  return {};
}

void warn_of_clear_key(Context& context, const std::string& name) {
  const auto profiles = context.profiles();
  if (!profiles) return;
  const auto profile = (*profiles)->find(name);
  if (!profile || !*profile) return;
  if (const auto key = (*profile)->get("aws_secret_access_key"))
    context.output().warn(
        fmt::format("a key of {} also lies in clear in {}; the sealed one comes first, take the other out", name,
                    base::printable(key->where())));
}

/// The store, or nullptr where there is none yet.
base::Result<secret::Store*> store_if_any(Context& context) {
  auto store = context.store();
  if (!store && store.error().kind == ErrorKind::not_found) return nullptr;
  return store;
}

base::Result<void> refuse_overwriting(secret::Store* store, const Options& options) {
  if (store == nullptr || options.replace) return {};
  if (const auto known = store->key(options.profile))
    return base::fail(ErrorKind::refused,
                      fmt::format("{} has a sealed key already, {}", options.profile, known->access_key_id),
                      "run kabuto add --replace " + options.profile);
  return {};
}

base::Result<void> seal(Context& context, const Options& options, const aws::Credentials& key,
                        const aws::CallerIdentity& caller) {
  secret::Store* const store = TRY(store_or_offer(context, options.slot));
  const auto rotation = store->record(secret::kind::kRotation, options.profile);
  secret::Changes changes;
  changes.put_key({options.profile, key.access_key_id, context.clock().now(), caller.account, caller.arn},
                  key.secret_access_key);
  changes.remove(secret::kind::kRotation, options.profile);
  const secret::DataKey data_key = TRY(context.data_key());
  TRY(store->apply(changes, &data_key));
  if (options.replace) TRY(forget_sessions_of_key(context, options.profile));
  if (rotation)
    context.output().warn("a rotation of " + options.profile +
                          " was under way and is dropped; look at the user's keys at AWS");
  return {};
}

base::Result<int> add(Context& context, const Options& options) {
  TRY(check_options(options));
  secret::Store* const store = TRY(store_if_any(context));
  TRY(refuse_overwriting(store, options));
  // Said before a secret is typed; the store itself is made only for a key that AWS accepts.
  if (store == nullptr && !options.slot.any() && !context.prompt().ready())
    return base::fail(ErrorKind::sign_in_needed, "there is no store yet, and nobody can be asked how to open it",
                      "run kabuto add " + options.profile + " --slot passphrase|keyfile|secret-service|tpm2");
  const aws::Credentials key = TRY(given_key(context, options));
  aws::CallerIdentity caller;
  if (!options.no_verify) caller = TRY(verified(context, options, key));
  TRY(seal(context, options, key, caller));
  context.output().note(fmt::format("sealed {} for {}{}", key.access_key_id, options.profile,
                                    caller.arn.empty() ? ", not verified" : ": " + base::printable(caller.arn)));
  if (const auto arn = aws::parse_arn(caller.arn); arn && arn->resource == "root")
    context.output().warn("this is the key of the account's root user; AWS advises to delete it and use an IAM user's");
  if (options.add_config) TRY(write_config(context, options));
  warn_of_clear_key(context, options.profile);
  context.output().note(fmt::format("next: kabuto exec {} -- aws sts get-caller-identity", options.profile));
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
