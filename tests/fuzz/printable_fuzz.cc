// Untrusted text on a terminal: whatever comes in, nothing that drives a terminal comes out, within the limit.
#include "base/text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kLimit = 200;
  const std::string out = base::printable(text, kLimit);
  if (out.size() > kLimit + 3) std::abort();  // the mark of the cut is three bytes long
  if (!base::is_valid_utf8(out)) std::abort();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c < 0x20 || c == 0x7F) std::abort();                                                             // C0, DEL
    if (c == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0) std::abort();  // C1
    if (out.compare(i, 3, "\xE2\x80\xAE") == 0) std::abort();  // U+202E, right-to-left override
  }
  if (base::printable(out, 4 * kLimit) != out) std::abort();  // what is safe stays as it is
  return 0;
}
