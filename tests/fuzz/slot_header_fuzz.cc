// A key slot's header: no crash, nothing outside the limits of Argon2 and of a TPM's blob is taken, and what is taken
// is written back the same.
#include "secret/slot.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const secret::KdfLimits limits;
  const auto header = secret::decode_slot(text, limits);
  if (!header) return 0;
  if (header->kind == secret::SlotKind::passphrase &&
      (header->cost.memory > limits.most.memory || header->cost.memory < limits.least.memory ||
       header->cost.passes > limits.most.passes || header->cost.passes < limits.least.passes))
    std::abort();
  if (header->kind == secret::SlotKind::tpm2 &&
      (header->tpm.primary.size() != 68 || header->tpm.private_part.size() > 1024 ||
       header->tpm.public_part.size() > 1024))
    std::abort();
  if (secret::encode_slot(*header) != text) std::abort();
  return 0;
}
