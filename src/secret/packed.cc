#include "secret/packed.h"

#include "secret/digest.h"

#include <algorithm>
#include <cstdint>

namespace secret {
namespace {

constexpr std::size_t kLengthBytes = 8;

}  // namespace

Bytes pack(std::span<const Bytes* const> parts) {
  std::size_t size = 0;
  for (const Bytes* part : parts) size += kLengthBytes + part->size();
  Bytes packed(size);
  packed.edit([&](std::span<std::byte> out) {
    for (const Bytes* part : parts) {
      out = out.subspan(
          static_cast<std::size_t>(std::ranges::copy(bytes_of_number(part->size()), out.begin()).out - out.begin()));
      part->reveal([&](std::span<const std::byte> bytes) { std::ranges::copy(bytes, out.begin()); });
      out = out.subspan(part->size());
    }
  });
  return packed;
}

std::optional<std::vector<Bytes>> unpack(const Bytes& packed, std::size_t count) {
  return packed.reveal([&](std::span<const std::byte> rest) -> std::optional<std::vector<Bytes>> {
    std::vector<Bytes> parts;
    while (parts.size() < count) {
      if (rest.size() < kLengthBytes) return std::nullopt;
      std::uint64_t length = 0;
      for (std::size_t i = kLengthBytes; i > 0; --i)
        length = (length << 8U) | std::to_integer<std::uint64_t>(rest[i - 1]);
      rest = rest.subspan(kLengthBytes);
      if (length > rest.size()) return std::nullopt;
      parts.push_back(Bytes::copy_of(rest.first(length)));
      rest = rest.subspan(length);
    }
    if (!rest.empty()) return std::nullopt;
    return parts;
  });
}

}  // namespace secret
