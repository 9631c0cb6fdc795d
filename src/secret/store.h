// The store of what lives long: sealed access keys, refresh tokens, rotations under way, and the key slots. One SQLite
// file; names, key ids and dates stand in clear, secrets are sealed one by one under the data key. A damaged store is
// said to be damaged and never replaced by a new one. The cache of role sessions is not here (session_file.h).
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/fields.h"
#include "secret/places.h"
#include "secret/slot.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

struct StoreRows;

/// The key that opens the records. Keep it for as short as possible: unlock, use, drop.
class DataKey {
 public:
  explicit DataKey(Bytes key) : key_(std::move(key)) {}
  /// For handing it to the agent, which gives it to nobody.
  const Bytes& bytes() const { return key_; }

 private:
  friend class Store;
  friend class Changes;
  Bytes key_;
};

/// What a record is: the words stand in the file.
namespace kind {
inline constexpr std::string_view kKey = "key";                 // an access key pair, named by profile
inline constexpr std::string_view kRotation = "rotation";       // a rotation under way, named by profile
inline constexpr std::string_view kMfaDevice = "mfa-device";    // the remembered device of a profile; clear only
inline constexpr std::string_view kSignIn = "sign-in";          // an Identity Center sign-in, named by its session
inline constexpr std::string_view kImport = "import";           // AWS's files before an import took keys out of them
inline constexpr std::string_view kSessionKey = "session-key";  // where the kernel refuses keyrings
}  // namespace kind

/// One record's clear side. `fields` are bound to the sealed body: nobody changes them without it.
struct Record {
  std::string kind;
  std::string name;
  std::int64_t version = 0;  // counts the writes of this record; set by the store
  Fields fields;
  bool has_secret = false;  // set by the store
};

/// A sealed access key pair's clear side.
struct KeyRecord {
  std::string profile;
  std::string access_key_id;
  base::Instant created;
  std::string account_id;  // empty where it was not verified
  std::string user_arn;    // empty where it was not verified
};

/// Writes that happen together or not at all. Each entry replaces the record of that kind and name.
class Changes {
 public:
  Changes& put_key(const KeyRecord& key, const Bytes& secret_access_key);
  /// Clear only; needs no unlock.
  Changes& put(Record record);
  Changes& put(Record record, const Bytes& secret);
  /// No error where it does not exist.
  Changes& remove(std::string_view kind, const std::string& name);

 private:
  friend class Store;
  struct Change {
    Record record;
    std::optional<Bytes> secret;
    bool removal = false;
  };
  std::vector<Change> list_;
};

class Store {
 public:
  /// Makes a new store with one slot. refused where one exists already.
  static base::Result<Store> create(const Places& places, const SlotChoice& choice, Unlocker& unlocker);
  /// not_found where there is none (hint: kabuto store init), store_damaged, or from a future version.
  static base::Result<Store> open(const Places& places, const KdfLimits& limits = {});
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const Places& places() const;
  /// Random, hex; names the session key in the kernel keyring.
  const std::string& id() const;
  base::Instant created() const;

  // Reading what is clear: as of open() or the last write through this object.
  std::vector<KeyRecord> keys() const;
  std::optional<KeyRecord> key(const std::string& profile) const;
  std::vector<Record> records(std::string_view kind) const;
  std::optional<Record> record(std::string_view kind, const std::string& name) const;
  std::vector<SlotHeader> slots() const;
  /// The remembered slot, the only one that unlock() opens.
  int chosen_slot() const;

  /// Opens the remembered slot: asks, derives, unwraps. One process at a time; a wrong passphrase costs a growing
  /// delay.
  base::Result<DataKey> unlock(Unlocker& unlocker) const;
  base::Result<Bytes> secret_access_key(const DataKey& key, const std::string& profile) const;
  base::Result<Bytes> secret_of(const DataKey& key, std::string_view kind, const std::string& name) const;

  /// One transaction. `key` may be null where no change carries a secret. Also renews the names index.
  base::Result<void> apply(const Changes& changes, const DataKey* key);

  base::Result<int> add_slot(const DataKey& key, const SlotChoice& choice, Unlocker& unlocker);
  /// refused for the last one and for the remembered one.
  base::Result<void> remove_slot(int id, Unlocker& unlocker);
  base::Result<void> choose_slot(int id);
  /// Replaces the remembered slot, which must be of the kind passphrase.
  base::Result<void> change_passphrase(const DataKey& key, Unlocker& unlocker);

  /// Opens every sealed record; the number opened. The first that does not open is the error.
  base::Result<std::size_t> check(const DataKey& key) const;
  /// A consistent copy at `path`, atomic, 0600.
  base::Result<void> backup(const std::string& path) const;
  /// Puts a backup in the store's place after checking it; a store that stood there is kept aside, its new path
  /// returned.
  static base::Result<std::optional<std::string>> restore(const Places& places, const std::string& backup,
                                                          base::Clock& clock, const KdfLimits& limits = {});

 private:
  struct State;
  /// Lets `change` edit the rows in one transaction, one process at a time, and renews the names index.
  base::Result<void> write(const std::function<base::Result<void>(StoreRows&)>& change);
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace secret
