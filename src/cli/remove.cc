// kabuto remove: takes a sealed key out of the store, with what belongs to it. It changes nothing at AWS and nothing in
// AWS's files.
#include "cli/remove.h"

#include "aws/profile.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/key_sessions.h"
#include "credentials/own_process.h"
#include "secret/prompt.h"
#include "secret/store.h"

#include <fmt/format.h>

#include <memory>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;

struct Options {
  std::string profile;
  bool force = false;
};

base::Result<secret::KeyRecord> sealed_key(Context& context, const std::string& profile) {
  const secret::Store* const store = TRY(context.store());
  if (auto key = store->key(profile)) return *key;
  return base::fail(base::ErrorKind::not_found, "no sealed key for the profile " + base::printable(profile, kShownName),
                    "run kabuto list");
}

base::Result<void> confirm(Context& context, const std::string& name, const std::string& key_id) {
  auto& prompt = context.prompt();
  if (!prompt.ready())
    return base::fail(base::ErrorKind::refused, "nobody can be asked whether to remove the key of " + name,
                      "run kabuto remove --force " + base::shell_word(name));
  const auto answer = TRY(prompt.ask_yes_no(
      fmt::format("Remove the sealed key {} of {} from this machine?", key_id, name), secret::YesNo::no));
  if (answer == secret::YesNo::no) return base::fail(base::ErrorKind::refused, "nothing was removed");
  return {};
}

base::Result<int> remove(Context& context, const Options& options) {
  const std::string name = base::printable(options.profile, kShownName);
  const auto key = TRY(sealed_key(context, options.profile));
  if (!options.force) TRY(confirm(context, name, key.access_key_id));
  const auto removed = TRY(remove_key(context, options.profile));
  context.output().note(fmt::format("removed the sealed key {} of {} and {} cached session{}", removed.access_key_id,
                                    name, removed.sessions, removed.sessions == 1 ? "" : "s"));
  if (removed.was_being_rotated)
    context.output().warn("a rotation was under way: its new key is gone from here and still exists at AWS");
  warn_of_own_process(context, options.profile);
  context.output().note("AWS still accepts the key; delete it there where it is no longer needed");
  return 0;
}

}  // namespace

base::Result<RemovedKey> remove_key(Context& context, const std::string& profile) {
  const auto key = TRY(sealed_key(context, profile));
  secret::Store* const store = TRY(context.store());
  const auto rotation = store->record(secret::kind::kRotation, profile);
  secret::Changes changes;
  changes.remove(secret::kind::kKey, profile);
  changes.remove(secret::kind::kRotation, profile);
  changes.remove(secret::kind::kMfaDevice, profile);
  TRY(store->apply(changes, nullptr));
  const auto sessions = TRY(forget_sessions_of_key(context, profile));
  return RemovedKey{key.access_key_id, sessions, rotation && rotation->has_secret};
}

void warn_of_own_process(Context& context, const std::string& profile) {
  const auto profiles = context.profiles();
  if (!profiles) return;
  const auto section = (*profiles)->find(profile);
  if (!section || !*section) return;
  const auto process = (*section)->get("credential_process");
  if (!process || !credentials::is_own_process(process->value, profile)) return;
  const std::string name = base::shell_word(profile);
  context.output().warn(
      fmt::format("credential_process of {} ({}) still asks kabuto, which has no key for it now; run kabuto profile "
                  "unset {} credential_process",
                  base::printable(profile, kShownName), base::printable(process->where()), name));
}

Action declare_remove(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("PROFILE", options->profile, Presence::required, "whose key");
  arguments.flag("-f,--force", options->force, "do not ask");
  return [options](Context& context) { return remove(context, *options); };
}

}  // namespace cli
