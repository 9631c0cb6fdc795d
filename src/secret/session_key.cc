#include "secret/session_key.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/cipher.h"
#include "secret/digest.h"

namespace secret {
namespace {

constexpr base::Duration kLockWait{5'000};
constexpr std::string_view kRecordName = "session-key";

}  // namespace

std::string session_key_name(const Places& places, const std::optional<std::string>& store_id) {
  if (store_id) return "kabuto:" + *store_id;
  const auto hash = Digest().add("directory").add(places.directory).finish();
  return "kabuto:" + base::hex(std::span(hash).first(16));
}

base::Result<std::optional<Bytes>> find_session_key(Keyring& keyring, const std::string& name) {
  std::optional<Bytes> key = TRY(keyring.find(name));
  if (key && key->size() != kKeySize) return std::nullopt;
  return key;
}

base::Result<Bytes> ensure_session_key(Keyring& keyring, const std::string& name, const Places& places,
                                       base::Clock& clock) {
  std::optional<Bytes> found = TRY(find_session_key(keyring, name));
  if (found) return std::move(*found);
  TRY(base::ensure_private_directory(places.sessions()));
  // Two makers would each seal under a key that the other has replaced.
  const auto lock = TRY(base::FileLock::acquire(places.sessions() + "/key.lock", clock, clock.monotonic() + kLockWait));
  found = TRY(find_session_key(keyring, name));
  if (found) return std::move(*found);
  Bytes key = random_key();
  TRY(keyring.put(name, key, kSessionKeyLife));
  return key;
}

base::Result<void> drop_session_key(Keyring& keyring, const std::string& name) { return keyring.drop(name); }

base::Result<Bytes> session_key_in_store(Store& store, const DataKey& key) {
  const std::string name(kRecordName);
  if (store.record(kind::kSessionKey, name)) return store.secret_of(key, kind::kSessionKey, name);
  Bytes fresh = random_key();
  TRY(store.apply(Changes().put({.kind = std::string(kind::kSessionKey), .name = name, .fields = {}}, fresh), &key));
  return fresh;
}

}  // namespace secret
