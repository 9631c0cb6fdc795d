#include "deliver/dotenv_plain_lines.h"

#include <cstring>

namespace deliver {

std::size_t PlainLines::find(char c, std::size_t at, std::size_t end) const {
  const void* const found = std::memchr(text_.data() + at, c, end - at);
  return found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - text_.data()) : end;
}

std::size_t PlainLines::pass(std::size_t at, DotenvReadings& out) {
  while (at < text_.size()) {
    const std::size_t end = behind(at);
    if (end == at) break;
    if (is_binding_) out.python.is_last_exported = out.compose.is_last_exported = is_exported_;
    out.python.last = out.compose.last = at;
    at = end;
  }
  return at;
}

/// `at` itself where the line is not plain.
std::size_t PlainLines::behind(std::size_t at) {
  constexpr std::string_view kExported = "export ";
  const std::size_t feed = find('\n', at, text_.size());
  if (feed == text_.size()) return at;
  std::size_t end = feed;
  if (has_carriage_returns_) {
    if (end > at && text_[end - 1] == '\r') --end;
    if (find('\r', at, end) != end) return at;
  }
  is_binding_ = false;
  if (at == end || text_[at] == '#') return feed + 1;
  std::size_t i = at;
  is_exported_ = text_[i] == 'e' && text_.substr(i).starts_with(kExported);
  if (is_exported_) i += kExported.size();
  const std::size_t name = i;
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  while (i < end && in_name(text_[i])) ++i;
  if (i == name || i == end || text_[i] != '=' || text_.substr(name, i - name).starts_with(prefix_)) return at;
  is_binding_ = true;
  if (++i == end) return feed + 1;
  const char first = text_[i];
  if (first != '\'' && first != '"') return first > ' ' && first < 0x7F ? feed + 1 : at;
  const std::size_t closing = find(first, i + 1, end);
  if (closing == end || find('\\', i + 1, closing) != closing) return at;
  const auto rest = text_.substr(closing + 1, end - closing - 1);
  return rest.empty() || rest.starts_with(" #") ? feed + 1 : at;
}

}  // namespace deliver
