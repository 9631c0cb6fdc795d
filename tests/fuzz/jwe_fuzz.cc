// Sealed files of other tools: no crash, no work that the file alone decides on, whatever stands in it.
#include "secret/jwe.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto token = secret::Bytes::copy_of({reinterpret_cast<const char*>(data), size});
  (void)secret::open_jwe(token, secret::Bytes::copy_of(std::string_view("passphrase")));
  return 0;
}
