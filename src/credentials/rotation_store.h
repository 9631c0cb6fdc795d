// A rotation's record in the real store: one record per profile holds the intent in clear and, once there is one, the
// candidate's secret sealed. It decides nothing.
#pragma once

#include "base/clock.h"
#include "credentials/rotation.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <optional>

namespace credentials {

class StoreKeyVault final : public KeyVault {
 public:
  /// All three must outlive the vault. It unlocks at the first secret and keeps the data key until it dies, so that a
  /// rotation asks for the passphrase once.
  StoreKeyVault(secret::Store& store, secret::Unlocker& unlocker, base::Clock& clock)
      : store_(store), unlocker_(unlocker), clock_(clock) {}

  base::Result<std::vector<HeldKey>> held() override;
  base::Result<aws::Credentials> open(std::string_view profile, HeldKey::Place place) override;
  base::Result<void> put(std::string_view profile, HeldKey::Place place, const aws::Credentials& key) override;
  base::Result<std::optional<RotationIntent>> intent(std::string_view profile) override;
  base::Result<void> record(std::string_view profile, const RotationIntent& intent) override;
  base::Result<void> forget(std::string_view profile) override;

 private:
  base::Result<const secret::DataKey*> data_key();

  secret::Store& store_;
  secret::Unlocker& unlocker_;
  base::Clock& clock_;
  std::optional<secret::DataKey> data_key_;
};

}  // namespace credentials
