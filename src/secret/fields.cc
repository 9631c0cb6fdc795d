#include "secret/fields.h"

#include "base/text.h"

namespace secret {
namespace {

constexpr char kDigits[] = "0123456789ABCDEF";

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '%' || c == '=') {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string encode_fields(const Fields& fields) {
  std::string out;
  for (const auto& [key, value] : fields) {
    append_escaped(out, key);
    out += '=';
    append_escaped(out, value);
    out += '\n';
  }
  return out;
}

std::optional<Fields> decode_fields(std::string_view text) {
  Fields fields;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto key = base::percent_decode(line.substr(0, equals));
    auto value = base::percent_decode(line.substr(equals + 1));
    if (!key || !value) return std::nullopt;
    fields.insert_or_assign(std::move(*key), std::move(*value));
  }
  // One text for one map: what differs (order, doubles, needless escapes) was not written by us.
  if (encode_fields(fields) != text) return std::nullopt;
  return fields;
}

std::string field(const Fields& fields, const std::string& key) {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string() : found->second;
}

}  // namespace secret
