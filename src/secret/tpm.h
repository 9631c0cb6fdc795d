// The machine's TPM 2.0 as the keeper of a slot's key. A TPM that is missing, forbidden, hung, cleared, locked out or
// another one is a named error, never a reason to go on with another slot. What it does and why: doc/adr/0025.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <string>

namespace secret {

enum class Pin { none, asked };

/// A key as a TPM sealed it: useless without that TPM and, where there is one, its PIN. All parts in hex.
struct TpmBlob {
  Pin pin = Pin::none;
  std::string primary;       // name of the key it is sealed under: tells whether this is the same TPM
  std::string public_part;   // TPM2B_PUBLIC
  std::string private_part;  // TPM2B_PRIVATE, which only the TPM can open
};

class Tpm {
 public:
  virtual ~Tpm() = default;
  /// Whether there is one that this user may use; asks it nothing.
  virtual bool present() = 0;
  /// An empty `pin` is none.
  virtual base::Result<TpmBlob> seal(const Bytes& key, const Bytes& pin) = 0;
  /// Whether unseal() has a chance: the same TPM, not locked out. Asked before a person is asked for the PIN.
  virtual base::Result<void> check(const TpmBlob& blob) = 0;
  /// store_locked: wrong PIN, with the tries that are left. refused: locked out. store_damaged: another TPM.
  virtual base::Result<Bytes> unseal(const TpmBlob& blob, const Bytes& pin) = 0;
};

/// The kernel's /dev/tpmrm0 and no other: no variable names another TPM. Each call runs in a child that is killed when
/// it has not answered within the time limit (10 s).
class MachineTpm final : public Tpm {
 public:
  explicit MachineTpm(base::Clock& clock) : clock_(clock) {}
  bool present() override;
  base::Result<TpmBlob> seal(const Bytes& key, const Bytes& pin) override;
  base::Result<void> check(const TpmBlob& blob) override;
  base::Result<Bytes> unseal(const TpmBlob& blob, const Bytes& pin) override;

 private:
  base::Clock& clock_;
};

}  // namespace secret
