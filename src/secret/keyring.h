// The kernel's keyring of the user (@u): where the session key lives, never on disk, gone after its timeout. Raw system
// calls, in keyring.cc alone.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>

namespace secret {

class Keyring {
 public:
  virtual ~Keyring() = default;
  /// nullopt where there is none, or it has timed out. An error: the kernel refuses keyrings here.
  virtual base::Result<std::optional<Bytes>> find(const std::string& name) = 0;
  virtual base::Result<void> put(const std::string& name, const Bytes& key, base::Duration timeout) = 0;
  /// No error where it does not exist.
  virtual base::Result<void> drop(const std::string& name) = 0;
};

class KernelKeyring final : public Keyring {
 public:
  base::Result<std::optional<Bytes>> find(const std::string& name) override;
  base::Result<void> put(const std::string& name, const Bytes& key, base::Duration timeout) override;
  base::Result<void> drop(const std::string& name) override;
};

}  // namespace secret
