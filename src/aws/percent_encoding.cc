#include "aws/percent_encoding.h"

#include <array>
#include <span>

namespace aws {
namespace {

bool is_unreserved(unsigned char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
         byte == '.' || byte == '_' || byte == '~';
}

bool append(secret::Buffer& out, std::string_view text) { return out.append(std::as_bytes(std::span(text))); }

}  // namespace

bool append_percent_encoded(secret::Buffer& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_unreserved(static_cast<unsigned char>(text[plain]))) ++plain;
    if (!append(out, text.substr(0, plain))) return false;
    text.remove_prefix(plain);
    if (text.empty()) return true;
    const auto byte = static_cast<unsigned char>(text.front());
    const std::array<char, 3> escaped{'%', kDigits[byte >> 4], kDigits[byte & 15]};
    if (!append(out, {escaped.data(), escaped.size()})) return false;
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace aws
