// The Secret Service of the desktop (gnome-keyring, KWallet, KeePassXC) by libsecret, loaded on first use. Every call
// is bounded in time; a missing bus, service or library and a locked collection are named errors, never a reason to go
// on with another slot.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>

namespace secret {

class SecretService {
 public:
  virtual ~SecretService() = default;
  /// nullopt where no item is stored for this store id.
  virtual base::Result<std::optional<Bytes>> find(const std::string& store_id) = 0;
  virtual base::Result<void> put(const std::string& store_id, const Bytes& key) = 0;
  virtual base::Result<void> remove(const std::string& store_id) = 0;
};

/// Each call runs in a child that is killed when it has not answered within the time limit (10 s): D-Bus calls may
/// hang.
class DesktopSecretService final : public SecretService {
 public:
  explicit DesktopSecretService(base::Clock& clock) : clock_(clock) {}
  base::Result<std::optional<Bytes>> find(const std::string& store_id) override;
  base::Result<void> put(const std::string& store_id, const Bytes& key) override;
  base::Result<void> remove(const std::string& store_id) override;

 private:
  base::Clock& clock_;
};

}  // namespace secret
