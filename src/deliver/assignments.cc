#include "deliver/assignments.h"

#include <cstddef>
#include <string>

namespace deliver {
namespace {

constexpr std::size_t kMostValue = std::size_t{128} << 10;  // Linux takes no longer variable

}  // namespace

base::Result<void> append_field(secret::Buffer& out, const Field& field, Quoting quoting) {
  const bool written = field.value.open(
      [&](std::string_view value) { return value.size() <= kMostValue && append_quoted(out, quoting, value); });
  if (written) return {};
  return base::fail(base::ErrorKind::refused,
                    "the value of " + std::string(field.name) + " cannot be written in this format without changing it",
                    "use another --format, or kabuto exec");
}

base::Result<void> append_lines(secret::Buffer& out, const std::vector<Field>& fields, const Line& line) {
  for (const auto& field : fields) {
    append_text(out, line.before);
    append_text(out, field.name);
    append_text(out, line.equals);
    TRY(append_field(out, field, line.quoting));
    append_text(out, line.after);
  }
  return {};
}

}  // namespace deliver
