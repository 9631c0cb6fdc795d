#include "deliver/write_out.h"

#include "base/file.h"

#include <span>
#include <utility>

namespace deliver {

base::Result<void> write_out(int descriptor, const secret::Bytes& text) {
  auto written = text.reveal([&](std::span<const std::byte> bytes) { return base::write_all(descriptor, bytes); });
  if (!written) return std::unexpected(base::with_context(std::move(written).error(), "hand over the credentials"));
  return {};
}

}  // namespace deliver
