// The keyrings' items in the Secret Service of the desktop: a collection per tool, an item's label is its name.
#include "base/text.h"
#include "peers/keyring_listing.h"
#include "peers/keyring_store.h"
#include "secret/secret_collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace peers {
namespace {

constexpr std::string_view kService = "the Secret Service";

/// Where no session bus is, there is no service to ask.
bool has_bus(const base::Environment& environment) {
  return environment.get_nonempty("DBUS_SESSION_BUS_ADDRESS").has_value();
}

}  // namespace

void find_in_secret_service(const Machine& machine, const std::vector<KeyringPlaces>& keyrings, Findings& out) {
  std::vector<std::string> names;
  for (const auto& keyring : keyrings)
    if (!keyring.collection.empty()) names.push_back(keyring.collection);
  if (names.empty() || !has_bus(machine.environment)) return;
  auto items = secret::list_collections(names, machine.clock);
  if (!items) {
    out.remarks.push_back({keyrings.front().source, std::string(kService),
                           items.error().what + ": its collections were not looked at", std::nullopt});
    return;
  }
  std::ranges::sort(*items, {}, &secret::CollectionItem::label);
  for (const auto& keyring : keyrings) {
    KeyringListing listing(keyring.source, fmt::format("{}, collection {}", kService, keyring.collection), out);
    for (const auto& item : *items) {
      if (item.collection != keyring.collection) continue;
      const std::string where = fmt::format("{}, collection {}", kService, item.collection);
      if (item.locked) {
        out.remarks.push_back({keyring.source, base::printable(where),
                               "the collection is locked; unlock the keyring of your desktop, then try again",
                               base::ErrorKind::store_locked});
        continue;
      }
      listing.add(item.label, where,
                  [machine, item] { return secret::read_collection_item(item.collection, item.label, machine.clock); });
    }
  }
}

}  // namespace peers
