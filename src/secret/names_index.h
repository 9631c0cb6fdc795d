// store.names: which profiles have sealed keys, for those who must not pay for opening SQLite. Derived from the store,
// valid only while the store's file is the very one it was made from, and never trusted over it.
#pragma once

#include "base/result.h"
#include "secret/places.h"

#include <optional>
#include <string>
#include <vector>

namespace secret {

struct SealedName {
  std::string profile;
  std::string access_key_id;
};

/// The MFA device that a person chose for a profile, which may have no sealed key.
struct RememberedDevice {
  std::string profile;
  std::string serial;
};

struct NamesIndex {
  std::string store_id;
  std::vector<SealedName> keys;
  std::vector<RememberedDevice> devices;

  /// nullptr where the profile has no sealed key.
  const SealedName* find(std::string_view profile) const;
  /// Empty where none was chosen.
  std::string mfa_serial(std::string_view profile) const;
};

class Store;

/// What the index must say of this store.
NamesIndex index_of(const Store& store);

/// nullopt where there is no store. Opens SQLite (and rewrites the index) only where the index is not of this very
/// file.
base::Result<std::optional<NamesIndex>> read_names(const Places& places);

/// What changes with every write of the store's file; nullopt where there is none.
std::optional<std::string> store_fingerprint(const Places& places);

/// Rewrites the index for the file of that fingerprint, taken before the names were read or while no other writer may
/// run. A failure is nobody's: the next reader opens SQLite.
void write_names(const Places& places, const NamesIndex& index, const std::string& fingerprint);

}  // namespace secret
