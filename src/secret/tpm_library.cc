#include "secret/tpm_library.h"

#include <dlfcn.h>

#include <cstdlib>

namespace secret {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

base::Result<TpmLibrary> TpmLibrary::load() {
  // Its traces show what passes through it, secrets too, and go where these variables say.
  setenv("TSS2_LOG", "all+none", 1);
  unsetenv("TSS2_LOGFILE");
  void* const esys = dlopen("libtss2-esys.so.0", RTLD_NOW | RTLD_LOCAL);
  void* const mu = dlopen("libtss2-mu.so.0", RTLD_NOW | RTLD_LOCAL);
  // Not by the library's own loader: that one also takes a TPM from a TCP port where the device fails.
  void* const device = dlopen("libtss2-tcti-device.so.0", RTLD_NOW | RTLD_LOCAL);
  TpmLibrary out;
  const bool complete =
      esys != nullptr && mu != nullptr && device != nullptr && find(device, "Tss2_Tcti_Device_Init", out.open_device) &&
      find(esys, "Esys_Initialize", out.initialize) && find(esys, "Esys_CreatePrimary", out.create_primary) &&
      find(esys, "Esys_StartAuthSession", out.start_session) &&
      find(esys, "Esys_TRSess_SetAttributes", out.set_attributes) && find(esys, "Esys_TR_SetAuth", out.set_auth) &&
      find(esys, "Esys_TR_GetName", out.get_name) && find(esys, "Esys_Create", out.create) &&
      find(esys, "Esys_Load", out.load_object) && find(esys, "Esys_Unseal", out.unseal) &&
      find(esys, "Esys_GetCapability", out.get_capability) && find(esys, "Esys_FlushContext", out.flush) &&
      find(mu, "Tss2_MU_TPM2B_PUBLIC_Marshal", out.write_public) &&
      find(mu, "Tss2_MU_TPM2B_PUBLIC_Unmarshal", out.read_public) &&
      find(mu, "Tss2_MU_TPM2B_PRIVATE_Marshal", out.write_private) &&
      find(mu, "Tss2_MU_TPM2B_PRIVATE_Unmarshal", out.read_private);
  if (!complete)
    return base::fail(base::ErrorKind::unreachable, "the TPM: this machine lacks tpm2-tss, or it is too old",
                      "run sudo apt-get install libtss2-esys-3.0.2-0 libtss2-mu0 libtss2-tcti-device0");
  return out;
}

}  // namespace secret
