#include "peers/keyring_listing.h"

#include "base/text.h"
#include "credentials/key_input.h"
#include "peers/keyring_item.h"
#include "peers/keyring_store.h"

#include <fmt/format.h>

#include <utility>

namespace peers {

base::Result<aws::Credentials> key_of_item(secret::Bytes text, std::string_view name) {
  auto item = TRY(parse_item(std::move(text)));
  if (item.key != name)
    return base::fail(base::ErrorKind::store_damaged,
                      "it is the item of another name: " + base::printable(item.key, 100));
  return parse_stored_key(std::move(item.data));
}

KeyringListing::~KeyringListing() {
  if (sessions_ + tokens_ == 0) return;
  out_.remarks.push_back({source_, base::printable(store_),
                          fmt::format("{} session{} and {} sign-in token{} end by themselves: left", sessions_,
                                      sessions_ == 1 ? "" : "s", tokens_, tokens_ == 1 ? "" : "s"),
                          std::nullopt});
}

void KeyringListing::add(const std::string& name, const std::string& where,
                         std::function<base::Result<secret::Bytes>()> open) {
  const ItemKind kind = kind_of_item(name);
  if (kind == ItemKind::session) ++sessions_;
  if (kind == ItemKind::token) ++tokens_;
  if (kind != ItemKind::long_term) return;
  if (const auto checked = credentials::check_profile_name(name); !checked) {
    out_.remarks.push_back({source_, base::printable(where), checked.error().what, checked.error().kind});
    return;
  }
  FoundKey key;
  key.source = source_;
  key.profile = name;
  key.where = base::printable(where);
  key.open = [open = std::move(open), name]() -> base::Result<aws::Credentials> {
    auto text = TRY(open());
    return key_of_item(std::move(text), name);
  };
  out_.keys.push_back(std::move(key));
}

}  // namespace peers
