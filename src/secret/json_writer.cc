#include "secret/json_writer.h"

#include <cassert>

namespace secret {
namespace {

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

}  // namespace

void JsonWriter::append(std::string_view text) {
  const bool fits = out_.append(std::as_bytes(std::span(text)));
  assert(fits);
  (void)fits;
}

void JsonWriter::append_quoted(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  append("\"");
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && !needs_escape(text[plain])) ++plain;
    append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    const char escaped[] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
    append({escaped, sizeof escaped});
    text.remove_prefix(1);
  }
  append("\"");
}

void JsonWriter::begin_member(std::string_view name) {
  append(has_member_ ? "," : "{");
  has_member_ = true;
  append_quoted(name);
  append(":");
}

JsonWriter& JsonWriter::text(std::string_view name, std::string_view value) {
  begin_member(name);
  append_quoted(value);
  return *this;
}

JsonWriter& JsonWriter::secret(std::string_view name, const Bytes& value) {
  value.reveal_text([&](std::string_view opened) { text(name, opened); });
  return *this;
}

JsonWriter& JsonWriter::texts(std::string_view name, std::span<const std::string> values) {
  begin_member(name);
  append("[");
  std::string_view separator;
  for (const auto& value : values) {
    append(separator);
    append_quoted(value);
    separator = ",";
  }
  append("]");
  return *this;
}

JsonWriter& JsonWriter::object(std::string_view name, const Bytes& json) {
  begin_member(name);
  json.reveal_text([&](std::string_view text) { append(text); });
  return *this;
}

Bytes JsonWriter::take() && {
  append(has_member_ ? "}" : "{}");
  return std::move(out_).take();
}

}  // namespace secret
