// kabuto store slots: what can open the store, and which of it does; add, use, remove.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/make_store.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

base::Result<int> number_of(const std::string& text) {
  const auto number = base::parse_integer(text);
  if (!number || *number < 1 || *number > 1'000'000)
    return base::fail(base::ErrorKind::usage, "a slot is named by its number", "run kabuto store slots");
  return static_cast<int>(*number);
}

base::Result<int> show_slots(Context& context, bool json) {
  const secret::Store* const store = TRY(context.store());
  Json list = Json::array();
  std::string text;
  for (const auto& slot : store->slots()) {
    const bool chosen = slot.id == store->chosen_slot();
    const bool derived = slot.kind == secret::SlotKind::passphrase;
    const bool tpm = slot.kind == secret::SlotKind::tpm2;
    const bool pin = slot.tpm.pin == secret::Pin::asked;
    list.push_back({{"id", slot.id},
                    {"kind", secret::name_of(slot.kind)},
                    {"chosen", chosen},
                    {"created", base::iso8601(slot.created)},
                    {"key_file", slot.key_file.empty() ? Json() : Json(slot.key_file)},
                    {"argon2_memory", derived ? Json(slot.cost.memory) : Json()},
                    {"argon2_passes", derived ? Json(slot.cost.passes) : Json()},
                    {"pin", tpm ? Json(pin) : Json()}});
    text += fmt::format("{:>3} {} {:<15} {} {}", slot.id, chosen ? '*' : ' ', secret::name_of(slot.kind),
                        base::iso8601(slot.created), pin ? "with a PIN" : base::printable(slot.key_file));
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  text += "* opens the store; the others only after kabuto store slots use N\n";
  const Json object{{"slots", std::move(list)}};
  TRY(context.output().answer(json ? object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text));
  return 0;
}

base::Result<int> add(Context& context, const SlotWords& words) {
  secret::Store* const store = TRY(context.store());
  if (!words.any())
    return base::fail(base::ErrorKind::usage, "which slot?", "--slot passphrase, keyfile, secret-service or tpm2");
  const secret::SlotChoice choice = TRY(choose_slot(context, words));
  secret::Unlocker* const unlocker = TRY(context.unlocker());
  const secret::DataKey key = TRY(context.data_key());
  const int id = TRY(store->add_slot(key, choice, *unlocker));
  TRY(context.output().answer(
      fmt::format("added slot {}; kabuto store slots use {} makes it the one that opens\n", id, id)));
  return 0;
}

}  // namespace

Action declare_store_slots(Arguments& arguments) {
  const auto json = std::make_shared<bool>(false);  // shared: the action outlives this call
  arguments.flag("--json", *json, "one JSON object");
  return [json](Context& context) { return show_slots(context, *json); };
}

Action declare_store_slots_add(Arguments& arguments) {
  const auto words = std::make_shared<SlotWords>();  // shared: the action outlives this call
  declare_slot_options(arguments, *words);
  return [words](Context& context) { return add(context, *words); };
}

Action declare_store_slots_use(Arguments& arguments) {
  const auto slot = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("N", *slot, Presence::required, "the slot's number");
  return [slot](Context& context) -> base::Result<int> {
    const int id = TRY(number_of(*slot));
    secret::Store* const store = TRY(context.store());
    TRY(store->choose_slot(id));
    TRY(context.output().answer(fmt::format("slot {} opens the store from now on\n", id)));
    return 0;
  };
}

Action declare_store_slots_remove(Arguments& arguments) {
  const auto slot = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("N", *slot, Presence::required, "the slot's number");
  return [slot](Context& context) -> base::Result<int> {
    const int id = TRY(number_of(*slot));
    secret::Store* const store = TRY(context.store());
    secret::Unlocker* const unlocker = TRY(context.unlocker());
    TRY(store->remove_slot(id, *unlocker));
    TRY(context.output().answer(fmt::format("slot {} is removed; older backups still hold it\n", id)));
    return 0;
  };
}

}  // namespace cli
