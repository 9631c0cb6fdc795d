// kabuto store: init, status, check, backup, restore, passphrase. What stands in clear is shown without
// unlocking.
#include "secret/store.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/make_store.h"
#include "secret/keyring.h"
#include "secret/names_index.h"
#include "secret/session_file.h"
#include "secret/session_key.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string slot_text(const secret::SlotHeader& slot) {
  std::string text(secret::name_of(slot.kind));
  if (slot.kind == secret::SlotKind::key_file) text += " " + base::printable(slot.key_file);
  if (slot.tpm.pin == secret::Pin::asked) text += " with a PIN";
  if (slot.kind == secret::SlotKind::passphrase)
    text += fmt::format(" (Argon2id, {} MiB, {} passes)", slot.cost.memory >> 20, slot.cost.passes);
  return text;
}

/// Whether the cache of sessions can be read now.
enum class Sessions { unlocked, locked, no_keyring };

std::string_view name_of(Sessions state) {
  switch (state) {
    case Sessions::unlocked:
      return "unlocked";
    case Sessions::locked:
      return "locked";
    case Sessions::no_keyring:
      return "no-kernel-keyring";
  }
  return "";
}

Sessions session_state(const secret::Places& places, const std::string& store_id) {
  secret::KernelKeyring keyring;
  const auto key = secret::find_session_key(keyring, secret::session_key_name(places, store_id));
  if (!key) return Sessions::no_keyring;
  return *key ? Sessions::unlocked : Sessions::locked;
}

base::Result<int> show_status(Context& context, bool json) {
  const secret::Store* const store = TRY(context.store());
  const auto list = TRY(secret::list_sessions(store->places()));
  const auto now = context.clock().now();
  const auto live = static_cast<std::size_t>(
      std::ranges::count_if(list.sessions, [&](const auto& session) { return session.header.expires > now; }));
  const auto state = session_state(store->places(), store->id());
  const auto slots = store->slots();
  const auto chosen = std::ranges::find(slots, store->chosen_slot(), &secret::SlotHeader::id);
  if (json) {
    const Json object{{"store", store->places().store()},
                      {"id", store->id()},
                      {"created", base::iso8601(store->created())},
                      {"slot", secret::name_of(chosen->kind)},
                      {"slots", slots.size()},
                      {"keys", store->keys().size()},
                      {"rotations", store->records(secret::kind::kRotation).size()},
                      {"sessions", live},
                      {"damaged_sessions", list.damaged},
                      {"session_key", name_of(state)}};
    TRY(context.output().answer(shown(object)));
    return 0;
  }
  std::string text;
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("{:<10}{}\n", name, value);
  };
  line("store", base::printable(store->places().store()));
  line("made", base::iso8601(store->created()));
  line("opened by", slot_text(*chosen));
  line("holds", counted(store->keys().size(), "key"));
  for (const auto& rotation : store->records(secret::kind::kRotation))
    line("pending", "a rotation that was cut short: run kabuto rotate " + base::printable(rotation.name));
  line("sessions",
       fmt::format("{} live, {}", live,
                   state == Sessions::unlocked ? "unlocked"
                   : state == Sessions::locked ? "locked"
                                               : "the kernel refuses its keyring: each use needs an unlock"));
  if (list.damaged > 0) line("damaged", counted(list.damaged, "session file"));
  TRY(context.output().answer(text));
  return 0;
}

base::Result<int> check(Context& context) {
  const secret::Store* const store = TRY(context.store());
  std::size_t opened = 0;
  {
    const secret::DataKey key = TRY(context.data_key());
    opened = TRY(store->check(key));
  }
  const auto list = TRY(secret::list_sessions(store->places()));
  if (list.damaged > 0)
    context.output().warn(counted(list.damaged, "cached session") + " damaged; kabuto clear removes the readable ones");
  TRY(context.output().answer(fmt::format("the store is sound: {}, {}\n", counted(opened, "sealed record"),
                                          counted(store->slots().size(), "slot"))));
  return 0;
}

base::Result<int> back_up(Context& context, const std::string& file) {
  const secret::Store* const store = TRY(context.store());
  TRY(store->backup(file));
  TRY(context.output().answer(fmt::format("backed up {} to {}; it opens as the store does\n",
                                          counted(store->keys().size(), "key"), base::printable(file))));
  return 0;
}

base::Result<int> restore(Context& context, const std::string& file) {
  const secret::Places* const places = TRY(context.places());
  const auto aside = TRY(secret::Store::restore(*places, file, context.clock()));
  std::string text = "restored " + base::printable(places->store()) + "\n";
  if (aside) text += "the store that stood there is kept as " + base::printable(*aside) + "\n";
  TRY(context.output().answer(text));
  return 0;
}

base::Result<int> change_passphrase(Context& context) {
  secret::Store* const store = TRY(context.store());
  secret::Unlocker* const unlocker = TRY(context.unlocker());
  const secret::DataKey key = TRY(context.data_key());
  TRY(store->change_passphrase(key, *unlocker));
  TRY(context.output().answer("it is changed; older backups still open with the old one\n"));
  return 0;
}

}  // namespace

Action declare_store_init(Arguments& arguments) {
  const auto words = std::make_shared<SlotWords>();  // shared: the action outlives this call
  declare_slot_options(arguments, *words);
  return [words](Context& context) -> base::Result<int> {
    TRY(make_store(context, *words));
    return 0;
  };
}

Action declare_store_status(Arguments& arguments) {
  const auto json = std::make_shared<bool>(false);  // shared: the action outlives this call
  arguments.flag("--json", *json, "one JSON object");
  return [json](Context& context) { return show_status(context, *json); };
}

Action declare_store_check(Arguments&) { return check; }

Action declare_store_backup(Arguments& arguments) {
  const auto file = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("FILE", *file, Presence::required, "where the copy goes");
  return [file](Context& context) { return back_up(context, *file); };
}

Action declare_store_restore(Arguments& arguments) {
  const auto file = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("FILE", *file, Presence::required, "a copy made by kabuto store backup");
  return [file](Context& context) { return restore(context, *file); };
}

Action declare_store_passphrase(Arguments&) { return change_passphrase; }

}  // namespace cli
