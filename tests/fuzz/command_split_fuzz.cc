// Splitting a command of the config file: no crash, and words written back in single quotes split into the same words.
#include "credentials/command_split.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto words = credentials::split_command(text);
  if (!words) return 0;
  std::string quoted;
  for (const auto& word : *words) {
    quoted += '\'';
    for (const char c : word) {
      if (c == '\'')
        quoted += "'\\''";
      else
        quoted += c;
    }
    quoted += "' ";
  }
  const auto again = credentials::split_command(quoted);
  if (!again || *again != *words) std::abort();
  return 0;
}
