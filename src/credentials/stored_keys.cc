#include "credentials/stored_keys.h"

#include "base/text.h"
#include "secret/session_key.h"
#include "secret/store.h"

namespace credentials {
namespace {

// The record's one field; the record is named by the profile.
constexpr const char* kSerialField = "serial";

base::Result<secret::KeyRecord> key_in(const secret::Store& store, const std::string& profile) {
  if (auto key = store.key(profile)) return std::move(*key);
  return base::fail(base::ErrorKind::not_found, "the store holds no key of profile " + base::printable(profile, 100),
                    "run kabuto add " + base::printable(profile, 100));
}

}  // namespace

base::Result<const std::optional<secret::NamesIndex>*> StoredKeys::names() {
  if (!names_) names_ = TRY(secret::read_names(places_));
  return &*names_;
}

base::Result<std::optional<std::string>> StoredKeys::store_id() {
  const auto* index = TRY(names());
  if (!*index) return std::nullopt;
  return (*index)->store_id;
}

base::Result<std::optional<SealedKey>> StoredKeys::find(std::string_view profile) {
  const auto* index = TRY(names());
  const auto* key = *index ? (*index)->find(profile) : nullptr;
  if (key == nullptr) return std::nullopt;
  return SealedKey{key->access_key_id};
}

base::Result<secret::KeyRecord> StoredKeys::clear_side(std::string_view profile) const {
  return key_in(TRY(secret::Store::open(places_)), std::string(profile));
}

base::Result<aws::Credentials> StoredKeys::open(std::string_view profile) {
  const std::string name(profile);
  const auto store = TRY(secret::Store::open(places_));
  const auto key = TRY(key_in(store, name));
  secret::Unlocker* unlocker = TRY(unlocker_());
  const secret::DataKey data_key = TRY(store.unlock(*unlocker));
  aws::Credentials credentials;
  credentials.secret_access_key = TRY(store.secret_access_key(data_key, name));
  credentials.access_key_id = key.access_key_id;
  credentials.account_id = key.account_id;
  return credentials;
}

base::Result<secret::Bytes> StoredKeys::session_key() {
  auto store = TRY(secret::Store::open(places_));
  secret::Unlocker* unlocker = TRY(unlocker_());
  const secret::DataKey data_key = TRY(store.unlock(*unlocker));
  return secret::session_key_in_store(store, data_key);
}

base::Result<std::string> StoredKeys::remembered_mfa_serial(std::string_view profile) {
  const auto* index = TRY(names());
  return *index ? std::string((*index)->mfa_serial(profile)) : std::string();
}

base::Result<void> StoredKeys::remember_mfa_serial(std::string_view profile, std::string_view serial) {
  auto store = TRY(secret::Store::open(places_));
  secret::Record record;
  record.kind = secret::kind::kMfaDevice;
  record.name = profile;
  record.fields[kSerialField] = serial;
  secret::Changes changes;
  changes.put(std::move(record));
  return store.apply(changes, nullptr);
}

}  // namespace credentials
