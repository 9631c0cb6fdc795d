// Chunked bodies: however the bytes are cut, the same comes out.
#include "http/chunk_scanner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

namespace {

std::string scanned(std::span<const std::byte> bytes, std::size_t step) {
  using Event = http::ChunkScanner::Event;
  http::ChunkScanner scanner;
  std::string out;
  while (true) {
    const auto piece = bytes.first(std::min(step, bytes.size()));
    auto input = piece;
    const auto event = scanner.next(input);
    bytes = bytes.subspan(piece.size() - input.size());
    if (event == Event::chunk) out.append("<").append(scanner.extension());
    if (event == Event::data) {
      if (scanner.data().size() > piece.size()) std::abort();
      out.append(reinterpret_cast<const char*>(scanner.data().data()), scanner.data().size());
    }
    if (event == Event::trailer) out.append("[").append(scanner.line());
    if (event == Event::bad) return "bad";
    if (event == Event::done || (event == Event::more && bytes.empty())) return out + std::to_string(bytes.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  if (scanned(bytes, bytes.size() + 1) != scanned(bytes, data[0] % 7 + 1U)) std::abort();
  return 0;
}
