// kabuto remove: takes a sealed key out of the store, with what belongs to it. It changes nothing at AWS and nothing in
// AWS's files.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/key_sessions.h"
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

base::Result<void> confirm(Context& context, const std::string& name, const std::string& key_id) {
  auto& prompt = context.prompt();
  if (!prompt.ready())
    return base::fail(base::ErrorKind::refused, "nobody can be asked whether to remove the key of " + name,
                      "run kabuto remove --force " + name);
  const auto answer = TRY(prompt.ask_yes_no(
      fmt::format("Remove the sealed key {} of {} from this machine?", key_id, name), secret::YesNo::no));
  if (answer == secret::YesNo::no) return base::fail(base::ErrorKind::refused, "nothing was removed");
  return {};
}

base::Result<int> remove(Context& context, const Options& options) {
  const std::string name = base::printable(options.profile, kShownName);
  secret::Store* const store = TRY(context.store());
  const auto key = store->key(options.profile);
  if (!key) return base::fail(base::ErrorKind::not_found, "no sealed key for the profile " + name, "run kabuto list");
  if (!options.force) TRY(confirm(context, name, key->access_key_id));
  const auto rotation = store->record(secret::kind::kRotation, options.profile);
  secret::Changes changes;
  changes.remove(secret::kind::kKey, options.profile);
  changes.remove(secret::kind::kRotation, options.profile);
  changes.remove(secret::kind::kMfaDevice, options.profile);
  TRY(store->apply(changes, nullptr));
  const auto sessions = TRY(forget_sessions_of_key(context, options.profile));
  context.output().note(fmt::format("removed the sealed key {} of {} and {} cached session{}", key->access_key_id, name,
                                    sessions, sessions == 1 ? "" : "s"));
  if (rotation && rotation->has_secret)
    context.output().warn("a rotation was under way: its new key is gone from here and still exists at AWS");
  context.output().note("AWS still accepts the key; delete it there where it is no longer needed");
  return 0;
}

}  // namespace

Action declare_remove(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("PROFILE", options->profile, Presence::required, "whose key");
  arguments.flag("-f,--force", options->force, "do not ask");
  return [options](Context& context) { return remove(context, *options); };
}

}  // namespace cli
