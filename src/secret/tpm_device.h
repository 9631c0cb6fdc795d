// One conversation with the kernel's TPM device through tpm2-tss. Only for a child that may be killed (tpm.cc): it may
// hang, and the library keeps copies of what passes through it.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"
#include "secret/tpm.h"
#include "secret/tpm_library.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace secret {

/// The kernel shares this one out: each program sees its own objects only.
inline constexpr char kTpmDevice[] = "/dev/tpmrm0";

class TpmDevice {
 public:
  TpmDevice() = default;
  ~TpmDevice();
  TpmDevice(const TpmDevice&) = delete;
  TpmDevice& operator=(const TpmDevice&) = delete;

  /// unreachable: no TPM, no library, not allowed.
  base::Result<void> open();
  /// The storage key of the owner's hierarchy, made anew from its template: the same for as long as the TPM is not
  /// cleared.
  base::Result<void> make_primary();
  /// store_damaged where the primary is not the one of that name (hex). Before start_session(): a salt is for it only.
  base::Result<void> need_same_primary(std::string_view name) const;
  /// refused where too many wrong PINs were given to this TPM.
  base::Result<void> need_tries_left();
  /// What goes over the bus from here on is encrypted under a salt that only the primary can open.
  base::Result<void> start_session();

  base::Result<TpmBlob> seal(const Bytes& key, const Bytes& auth);
  base::Result<Bytes> unseal(const TpmBlob& blob, const Bytes& auth);

 private:
  /// The TPM's guard against guessing.
  struct Guard {
    std::uint32_t failures = 0;
    std::uint32_t most = 0;
    std::uint32_t seconds = 0;  // until one more try is given back
  };

  base::Result<std::string> primary_name() const;
  base::Result<Guard> guard() const;
  base::Result<ESYS_TR> load(const TpmBlob& blob) const;
  base::Error wrong_pin() const;

  TpmLibrary library_;
  ESYS_CONTEXT* context_ = nullptr;
  ESYS_TR primary_ = ESYS_TR_NONE;
  ESYS_TR session_ = ESYS_TR_NONE;
  ESYS_TR object_ = ESYS_TR_NONE;
};

}  // namespace secret
