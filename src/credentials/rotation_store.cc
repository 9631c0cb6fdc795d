#include "credentials/rotation_store.h"

#include "base/text.h"

namespace credentials {
namespace {

using base::ErrorKind;
using Place = HeldKey::Place;

constexpr auto kOldKey = "old-key";
constexpr auto kKeysBefore = "keys-before";  // comma between
constexpr auto kStarted = "started";
constexpr auto kCandidate = "candidate";  // missing until it is there

secret::Record record_of(std::string_view profile, const RotationIntent& intent) {
  secret::Record record;
  record.kind = secret::kind::kRotation;
  record.name = profile;
  record.fields[kOldKey] = intent.old_key_id;
  record.fields[kKeysBefore] = base::join(intent.keys_before, ",");
  record.fields[kStarted] = base::iso8601(intent.started);
  return record;
}

std::unexpected<base::Error> no_such_key(std::string_view profile) {
  return base::fail(ErrorKind::not_found, "no sealed key for the profile " + base::printable(profile, 80),
                    "run kabuto list");
}

}  // namespace

base::Result<const secret::DataKey*> StoreKeyVault::data_key() {
  if (!data_key_) data_key_ = TRY(store_.unlock(unlocker_));
  return &*data_key_;
}

base::Result<std::vector<HeldKey>> StoreKeyVault::held() {
  std::vector<HeldKey> all;
  for (const auto& key : store_.keys()) all.push_back({key.profile, key.access_key_id, Place::in_use});
  for (const auto& record : store_.records(secret::kind::kRotation))
    if (const auto id = secret::field(record.fields, kCandidate); !id.empty())
      all.push_back({record.name, id, Place::candidate});
  return all;
}

base::Result<aws::Credentials> StoreKeyVault::open(std::string_view profile, Place place) {
  const std::string name(profile);
  aws::Credentials key;
  if (place == Place::in_use) {
    const auto record = store_.key(name);
    if (!record) return no_such_key(profile);
    key.access_key_id = record->access_key_id;
    const auto* opened = TRY(data_key());
    key.secret_access_key = TRY(store_.secret_access_key(*opened, name));
    return key;
  }
  const auto record = store_.record(secret::kind::kRotation, name);
  if (record) key.access_key_id = secret::field(record->fields, kCandidate);
  if (key.access_key_id.empty()) return no_such_key(profile);
  const auto* opened = TRY(data_key());
  key.secret_access_key = TRY(store_.secret_of(*opened, secret::kind::kRotation, name));
  return key;
}

base::Result<void> StoreKeyVault::put(std::string_view profile, Place place, const aws::Credentials& key) {
  const std::string name(profile);
  secret::Changes changes;
  if (place == Place::in_use) {
    auto record = store_.key(name);
    if (!record) return no_such_key(profile);
    record->access_key_id = key.access_key_id;
    record->created = clock_.now();
    changes.put_key(*record, key.secret_access_key);
  } else {
    auto record = store_.record(secret::kind::kRotation, name);
    if (!record)
      return base::fail(ErrorKind::failure, "no rotation of " + base::printable(profile, 80) + " is recorded");
    record->fields[kCandidate] = key.access_key_id;
    changes.put(std::move(*record), key.secret_access_key);
  }
  const auto* opened = TRY(data_key());
  return store_.apply(changes, opened);
}

base::Result<std::optional<RotationIntent>> StoreKeyVault::intent(std::string_view profile) {
  const auto record = store_.record(secret::kind::kRotation, std::string(profile));
  if (!record) return std::nullopt;
  const auto started = base::parse_iso8601(secret::field(record->fields, kStarted));
  if (!started)
    return base::fail(ErrorKind::store_damaged,
                      "the record of the rotation of " + base::printable(profile, 80) + " is damaged",
                      "run kabuto store check");
  RotationIntent intent;
  intent.old_key_id = secret::field(record->fields, kOldKey);
  const std::string keys_before = secret::field(record->fields, kKeysBefore);
  for (const auto id : base::split(keys_before, ',')) intent.keys_before.emplace_back(id);
  intent.started = *started;
  return intent;
}

base::Result<void> StoreKeyVault::record(std::string_view profile, const RotationIntent& intent) {
  secret::Changes changes;
  changes.put(record_of(profile, intent));
  // What the run needs later is made sure of now, before AWS is asked for a key that could not be sealed.
  const auto* opened = TRY(data_key());
  return store_.apply(changes, opened);
}

base::Result<void> StoreKeyVault::forget(std::string_view profile) {
  secret::Changes changes;
  changes.remove(secret::kind::kRotation, std::string(profile));
  return store_.apply(changes, nullptr);
}

}  // namespace credentials
