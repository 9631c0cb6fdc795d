// tpm2-tss, loaded when a TPM is first used. This table is all of it that kabuto uses.
#pragma once

#include "base/result.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tcti_device.h>

namespace secret {

struct TpmLibrary {
  decltype(&::Tss2_Tcti_Device_Init) open_device = nullptr;
  decltype(&::Esys_Initialize) initialize = nullptr;
  decltype(&::Esys_CreatePrimary) create_primary = nullptr;
  decltype(&::Esys_StartAuthSession) start_session = nullptr;
  decltype(&::Esys_TRSess_SetAttributes) set_attributes = nullptr;
  decltype(&::Esys_TR_SetAuth) set_auth = nullptr;
  decltype(&::Esys_TR_GetName) get_name = nullptr;
  decltype(&::Esys_Create) create = nullptr;
  decltype(&::Esys_Load) load_object = nullptr;
  decltype(&::Esys_Unseal) unseal = nullptr;
  decltype(&::Esys_GetCapability) get_capability = nullptr;
  decltype(&::Esys_FlushContext) flush = nullptr;
  decltype(&::Tss2_MU_TPM2B_PUBLIC_Marshal) write_public = nullptr;
  decltype(&::Tss2_MU_TPM2B_PUBLIC_Unmarshal) read_public = nullptr;
  decltype(&::Tss2_MU_TPM2B_PRIVATE_Marshal) write_private = nullptr;
  decltype(&::Tss2_MU_TPM2B_PRIVATE_Unmarshal) read_private = nullptr;

  /// unreachable, naming the packages to install.
  static base::Result<TpmLibrary> load();
};

}  // namespace secret
