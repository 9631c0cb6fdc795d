// The in-place JSON reader: what it takes, a full parser must take too, with the same texts at the outermost level.
#include "secret/json_reader.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

// Fewer digits than overflow a double.
constexpr std::size_t kMostBytes = 300;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMostBytes) return 0;
  const std::string original(reinterpret_cast<const char*>(data), size);
  std::string work = original;
  secret::JsonReader reader(std::as_writable_bytes(std::span(work)));
  const auto kind = reader.peek();
  if (!kind) return 0;
  const auto reference = nlohmann::json::parse(original, nullptr, false);
  if (*kind == secret::JsonKind::object) {
    const auto read = reader.object([&](std::string_view name) -> base::Result<void> {
      const std::string key(name);
      const auto value = TRY(reader.peek());
      if (value != secret::JsonKind::text) return reader.skip();
      const auto text = TRY(reader.text());
      if (!reference.is_discarded() && reference.at(key).get<std::string>() != text) std::abort();
      return {};
    });
    if (!read) return 0;
  } else if (!reader.skip()) {
    return 0;
  }
  // The parser refuses numbers that no double holds; the reader never makes a double.
  if (reader.end() && reference.is_discarded() && original.find_first_of("eE") == std::string::npos) std::abort();
  return 0;
}
