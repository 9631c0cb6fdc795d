// aws-vault add, remove, rotate and clear: what it does with keys and sessions, on kabuto's store.
#include "aws/profile.h"
#include "aws/service_error.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/remove.h"
#include "cli/rotate.h"
#include "cli/sealing.h"
#include "credentials/cache.h"
#include "credentials/key_input.h"
#include "credentials/sign_in.h"
#include "names/aws_vault.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/prompt.h"
#include "secret/session_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace names {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kShownName = 100;
constexpr int kMostLinks = 100;
constexpr std::size_t kShownOfKey = 4;

std::string quoted(const std::string& name) { return "\"" + base::printable(name, kShownName) + "\""; }

/// "****************ABCD", as aws-vault shows a key.
std::string masked(const std::string& key_id) {
  return std::string(16, '*') + key_id.substr(key_id.size() - std::min(kShownOfKey, key_id.size()));
}

struct AddFlags {
  std::string profile;
  bool from_environment = false;
  bool add_config = false;
  bool no_add_config = false;
};

base::Result<aws::Credentials> key_of_variables(const base::Environment& environment) {
  for (const auto* const name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})
    if (!environment.get_nonempty(name)) return fail(ErrorKind::usage, "Missing value for " + std::string(name));
  return credentials::key_of_environment(environment);
}

/// The device is asked for behind the key, where a person has typed that.
base::Result<std::string> typed_device(cli::Context& context) {
  auto& prompt = context.prompt();
  if (!prompt.ready()) return std::string();
  const auto text = TRY(prompt.ask_text("Enter MFA Device ARN (If MFA is not enabled, leave this blank)"));
  return std::string(base::trim_lines(text));
}

/// Whose key it is, where AWS says so. aws-vault asks nobody, so nobody's silence keeps a key out.
aws::CallerIdentity owner_if_known(cli::Context& context, const std::string& profile, const aws::Credentials& key) {
  auto owner = cli::owner_of_key(context, profile, std::nullopt, key);
  if (owner) return std::move(*owner);
  const auto error = aws::naming(std::move(owner).error(), {profile, profile, profile});
  context.output().warn("the key " + key.access_key_id + " is added, but AWS has not said whose it is: " + error.what);
  return {};
}

base::Result<int> add(const AwsVault& vault, const AddFlags& flags, cli::Context& context) {
  TRY(credentials::check_profile_name(flags.profile));
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto section = TRY(profiles->find(flags.profile));
  const std::string source = section ? std::string(section->value("source_profile")) : "";
  if (!source.empty() && source != flags.profile)
    return fail(ErrorKind::refused,
                fmt::format("Your profile has a source_profile of {}, adding credentials to {} won't have any effect",
                            base::printable(source, kShownName), base::printable(flags.profile, kShownName)));
  cli::SlotWords slot;
  if (vault.call.environment.get_nonempty(kPassphraseVariable)) slot.slot = "passphrase";
  TRY(cli::check_can_seal(context, flags.profile, slot));
  if (!vault.backend.empty()) context.output().note("--backend is not used: the key is sealed in kabuto's store");
  std::string device;
  const aws::Credentials key =
      TRY(flags.from_environment ? key_of_variables(context.environment())
                                 : cli::given_key(context, {"Enter Access Key ID", "Enter Secret Access Key"}));
  if (!flags.from_environment) device = TRY(typed_device(context));
  const auto forgotten =
      TRY(cli::seal_key(context, flags.profile, key, owner_if_known(context, flags.profile, key), slot));
  std::string said = "Added credentials to profile " + quoted(flags.profile) + " in vault\n";
  if (forgotten > 0) said += fmt::format("Deleted {} existing sessions.\n", forgotten);
  TRY(context.output().answer(said));
  const bool is_new = profiles->config().sections(aws::SectionKind::profile, flags.profile).empty();
  if (is_new && !flags.no_add_config)
    TRY(cli::write_profile(context, flags.profile, std::nullopt,
                           device.empty() ? std::nullopt : std::optional(device)));
  cli::warn_of_clear_key(context, flags.profile);
  return 0;
}

/// Sessions of the profile alone, or all.
base::Result<std::size_t> forget_sessions(cli::Context& context, const std::string& profile) {
  const secret::Places* const places = TRY(context.places());
  std::size_t count = 0;
  for (const auto& session : TRY(secret::list_sessions(*places)).sessions) {
    if (!profile.empty() && session.header.profile != profile) continue;
    TRY(secret::remove_session(*places, session.key_hash));
    ++count;
  }
  return count;
}

struct RemoveFlags {
  std::string profile;
  bool sessions_only = false;
  bool force = false;
};

base::Result<int> remove(const RemoveFlags& flags, cli::Context& context) {
  if (flags.sessions_only) {
    const auto count = TRY(forget_sessions(context, flags.profile));
    TRY(context.output().answer(fmt::format("Deleted {} sessions.\n", count)));
    return 0;
  }
  if (!flags.force) {
    const auto text =
        TRY(context.prompt().ask_text("Delete credentials for profile " + quoted(flags.profile) + "? (y|N)"));
    const std::string word = base::lower_ascii(base::trim(text));
    if (word != "y" && word != "yes") return 0;
  }
  const auto removed = TRY(cli::remove_key(context, flags.profile));
  TRY(context.output().answer("Deleted credentials.\n"));
  if (removed.was_being_rotated)
    context.output().warn("a rotation was under way: its new key is gone from here and still exists at AWS");
  cli::warn_of_own_process(context, flags.profile);
  return 0;
}

/// Sign-ins of Identity Center count as sessions.
base::Result<std::size_t> sign_out(cli::Context& context, const std::string& profile) {
  credentials::SignIns* const sign_ins = TRY(context.sign_ins());
  const aws::Profiles* const profiles = TRY(context.profiles());
  std::optional<std::string> only;
  if (!profile.empty()) {
    const auto section = TRY(profiles->find(profile));
    if (!section) return 0;
    const auto session = section->value("sso_session");
    only = session.empty() ? section->value("sso_start_url") : session;
  }
  const secret::Places* const places = TRY(context.places());
  std::size_t count = 0;
  for (const auto& status : TRY(sign_ins->list())) {
    if (only && status.id != *only) continue;
    credentials::SsoSession session;
    session.name = status.name;
    session.start_url = status.start_url;
    session.region = status.region;
    const auto revoked = sign_ins->sign_out(session);
    if (!revoked && revoked.error().kind != ErrorKind::unreachable) return std::unexpected(revoked.error());
    if (!revoked) context.output().warn(revoked.error().what);
    TRY(credentials::forget_sessions_of_sign_in(*places, session.id()));
    ++count;
  }
  return count;
}

base::Result<int> clear(const std::string& profile, cli::Context& context) {
  const auto sessions = TRY(forget_sessions(context, profile));
  const auto sign_ins = TRY(sign_out(context, profile));
  TRY(context.output().answer(fmt::format("Cleared {} sessions.\n", sessions + sign_ins)));
  return 0;
}

struct RotateFlags {
  std::string profile;
  bool no_session = false;
};

/// The profile whose sealed key a profile's credentials begin with.
base::Result<std::string> holder_of_key(cli::Context& context, const std::string& profile) {
  const secret::Places* const places = TRY(context.places());
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto index = TRY(secret::read_names(*places));
  std::string name = profile;
  for (int links = 0; links < kMostLinks && index; ++links) {
    if (index->find(name) != nullptr) return name;
    const auto section = TRY(profiles->find(name));
    if (!section || section->value("source_profile").empty() || section->value("source_profile") == name) break;
    name = section->value("source_profile");
  }
  return fail(ErrorKind::not_found,
              "Error determining credential name for '" + base::printable(profile, kShownName) +
                  "': no master credentials found",
              "run aws-vault list");
}

base::Result<int> rotate(const RotateFlags& flags, cli::Context& context) {
  const std::string holder = TRY(holder_of_key(context, flags.profile));
  const std::string shown = base::printable(holder, kShownName);
  const std::string by = flags.no_session
                             ? "master credentials"
                             : "a session from profile '" + base::printable(flags.profile, kShownName) + "'";
  auto& output = context.output();
  TRY(
      output.answer(fmt::format("Rotating credentials stored for profile '{}' using {} (takes 10-20 seconds)\n"
                                "Creating a new access key\n",
                                shown, by)));
  auto done = cli::rotate_key(context, {holder, std::nullopt});
  if (!done) return std::unexpected(aws::naming(std::move(done).error(), {holder, holder, holder}));
  std::string said = "Created new access key " + masked(done->new_id) + "\n";
  if (done->sessions > 0) said += fmt::format("Deleted {} sessions for {}\n", done->sessions, shown);
  said += "Deleting old access key " + masked(done->old_id) + "\nDeleted old access key " + masked(done->old_id) +
          "\nFinished rotating access key\n";
  TRY(output.answer(said));
  return 0;
}

}  // namespace

cli::Action declare_vault_add(cli::Arguments& arguments, AwsVault& vault) {
  const auto flags = std::make_shared<AddFlags>();  // shared: the action outlives this call
  arguments.positional("PROFILE", flags->profile, cli::Presence::required, "the profile that the key is for");
  arguments.flag("--env", flags->from_environment, "take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  arguments.flag("--add-config", flags->add_config,
                 "write the profile to AWS's config file where it is not there (default)");
  arguments.flag("--no-add-config", flags->no_add_config, "do not");
  return [flags, &vault](cli::Context& context) { return add(vault, *flags, context); };
}

cli::Action declare_vault_remove(cli::Arguments& arguments, AwsVault&) {
  const auto flags = std::make_shared<RemoveFlags>();
  arguments.positional("PROFILE", flags->profile, cli::Presence::required, "whose key");
  arguments.flag("-f,--force", flags->force, "do not ask");
  arguments.flag("-s,--sessions-only", flags->sessions_only, "its cached sessions, and not the key");
  return [flags](cli::Context& context) { return remove(*flags, context); };
}

cli::Action declare_vault_clear(cli::Arguments& arguments, AwsVault&) {
  const auto profile = std::make_shared<std::string>();
  arguments.positional("PROFILE", *profile, cli::Presence::optional, "only this profile's sessions; else all");
  return [profile](cli::Context& context) { return clear(*profile, context); };
}

cli::Action declare_vault_rotate(cli::Arguments& arguments, AwsVault&) {
  const auto flags = std::make_shared<RotateFlags>();
  arguments.positional("PROFILE", flags->profile, cli::Presence::optional, "whose key");
  arguments.flag("-n,--no-session", flags->no_session, "by the key itself");
  return [flags](cli::Context& context) -> base::Result<int> {
    TRY(choose_profile_to(context, flags->profile, "rotate"));
    return rotate(*flags, context);
  };
}

}  // namespace names
