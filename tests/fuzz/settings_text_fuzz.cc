// Configuration files of granted and aws-sso-cli: no crash, and no setting without a name.
#include "peers/settings_text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& read : {peers::read_toml(text), peers::read_yaml(text)})
    if (read)
      for (const auto& setting : *read)
        if (setting.path.empty() || setting.line == 0) std::abort();
  return 0;
}
