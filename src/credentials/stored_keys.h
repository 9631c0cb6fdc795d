// The long-lived keys of the sealed store, opened as late and as briefly as possible: finding a key reads the names
// index alone, opening one unlocks the store and drops the data key at once.
#pragma once

#include "credentials/broker.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace credentials {

class StoredKeys final : public KeyStore {
 public:
  /// `unlocker` is called when the store must be unlocked, and not before.
  StoredKeys(secret::Places places, std::function<base::Result<secret::Unlocker*>()> unlocker)
      : places_(std::move(places)), unlocker_(std::move(unlocker)) {}

  base::Result<std::optional<std::string>> store_id() override;
  base::Result<std::optional<SealedKey>> find(std::string_view profile) override;
  base::Result<aws::Credentials> open(std::string_view profile) override;
  base::Result<secret::Bytes> session_key() override;
  /// The clear side of a key that exists. Opens the store, never unlocks.
  base::Result<secret::KeyRecord> clear_side(std::string_view profile) const;
  base::Result<std::string> remembered_mfa_serial(std::string_view profile) override;
  base::Result<void> remember_mfa_serial(std::string_view profile, std::string_view serial) override;

 private:
  base::Result<const std::optional<secret::NamesIndex>*> names();

  secret::Places places_;
  std::function<base::Result<secret::Unlocker*>()> unlocker_;
  std::optional<std::optional<secret::NamesIndex>> names_;
};

}  // namespace credentials
