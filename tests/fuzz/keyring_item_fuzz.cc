// Items of other tools' stores: no crash, and a key that is taken has the shapes of AWS's.
#include "peers/keyring_item.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void check(const aws::Credentials& key) {
  if (!key.access_key_id.starts_with("AKIA") || key.secret_access_key.empty() || !key.session_token.empty())
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto item = peers::parse_item(secret::Bytes::copy_of(text)))
    if (const auto key = peers::parse_stored_key(std::move(item->data))) check(*key);
  if (const auto key = peers::parse_stored_key(secret::Bytes::copy_of(text))) check(*key);
  if (const auto keys = peers::parse_static_keys(secret::Bytes::copy_of(text)))
    for (const auto& key : *keys) check(key.key);
  (void)peers::kind_of_item(text);
  return 0;
}
