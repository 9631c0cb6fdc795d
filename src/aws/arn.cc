#include "aws/arn.h"

#include <algorithm>
#include <array>

namespace aws {
namespace {

constexpr std::size_t kLongestArn = 2048;

}  // namespace

std::string_view Arn::name() const {
  const std::string_view text = resource;
  const auto at = text.find_last_of("/:");
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

std::optional<Arn> parse_arn(std::string_view text) {
  if (text.size() > kLongestArn) return std::nullopt;
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return std::nullopt;
  std::array<std::string_view, 5> fields;
  for (std::string_view& field : fields) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    field = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (fields[0] != "arn" || fields[1].empty() || fields[2].empty() || text.empty()) return std::nullopt;
  return Arn{std::string(fields[1]), std::string(fields[2]), std::string(fields[3]), std::string(fields[4]),
             std::string(text)};
}

}  // namespace aws
