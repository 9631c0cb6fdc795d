// A kept listing of any bytes: damaged, or one whose every name may be used, and which says the same when it is written
// and read again.
#include "credentials/assignments.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto listing = credentials::parse_assignments({reinterpret_cast<const char*>(data), size});
  if (!listing) return 0;
  for (const auto& account : listing->accounts)
    if (!credentials::check_account(account)) std::abort();
  const std::string text = credentials::text_of(*listing);
  const auto again = credentials::parse_assignments(text);
  if (!again || credentials::text_of(*again) != text) std::abort();
  (void)credentials::find_role({*listing}, "a", "");
  return 0;
}
