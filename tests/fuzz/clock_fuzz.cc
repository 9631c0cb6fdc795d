// Dates and durations as AWS, config files and people write them: no crash, and what was read is written back the same.
#include "base/clock.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto when = base::parse_iso8601(text)) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(*when);
    const auto again = base::parse_iso8601(base::iso8601(*when));
    if (!again || *again != whole) std::abort();
  }
  if (const auto when = base::parse_http_date(text); when && base::parse_iso8601(base::iso8601(*when)) != when)
    std::abort();
  if (const auto length = base::parse_duration(text)) {
    if (length->count() <= 0) std::abort();
    if (base::human_duration(*length).empty()) std::abort();
  }
  return 0;
}
