// A cached session's file taken apart: no crash, and whatever is taken lies inside the file. A second run gives the
// bytes a checksum that fits, so that what lies behind it is reached.
#include "secret/digest.h"
#include "secret/session_file.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

void parse(std::span<const std::byte> file) {
  const auto parts = secret::parse_session(file);
  if (!parts) return;
  for (const auto part : {parts->bound, parts->key_id, parts->sealed})
    if (part.data() < file.data() || part.data() + part.size() > file.data() + file.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> file(size);
  std::ranges::copy(std::as_bytes(std::span(data, size)), file.begin());
  parse(file);
  const auto checksum = secret::Digest().add(file).finish();
  file.insert(file.end(), checksum.begin(), checksum.end());
  parse(file);
  return 0;
}
