#include "secret/json_reader.h"

#include "base/text.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace secret {
namespace {

constexpr int kDeepest = 16;
constexpr std::size_t kMostMembers = 64;

char* put_utf8(char* to, unsigned code) {
  const auto put = [&](unsigned byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return to;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::unexpected<base::Error> JsonReader::wrong(std::string_view what) const {
  return base::fail(base::ErrorKind::failure,
                    "not the JSON expected: " + std::string(what) + " at byte " + std::to_string(at_ - begin_ + 1));
}

void JsonReader::white_space() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

bool JsonReader::take(char c) {
  white_space();
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

base::Result<JsonKind> JsonReader::peek() {
  white_space();
  if (at_ == end_) return wrong("the text ends");
  switch (*at_) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::text;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      break;
  }
  if (*at_ == '-' || is_digit(*at_)) return JsonKind::number;
  return wrong("no value");
}

base::Result<void> JsonReader::object(const std::function<base::Result<void>(std::string_view name)>& member) {
  if (!take('{')) return wrong("no object");
  if (++depth_ > kDeepest) return wrong("nested too deep");
  std::vector<std::string_view> seen;
  if (!take('}')) {
    do {
      white_space();
      const std::string_view name = TRY(text());
      if (std::ranges::find(seen, name) != seen.end()) return wrong("a member twice");
      if (seen.size() == kMostMembers) return wrong("too many members");
      seen.push_back(name);
      if (!take(':')) return wrong("no colon");
      TRY(member(name));
    } while (take(','));
    if (!take('}')) return wrong("no end of the object");
  }
  --depth_;
  return {};
}

base::Result<void> JsonReader::array(const std::function<base::Result<void>()>& element) {
  if (!take('[')) return wrong("no list");
  if (++depth_ > kDeepest) return wrong("nested too deep");
  if (!take(']')) {
    do TRY(element());
    while (take(','));
    if (!take(']')) return wrong("no end of the list");
  }
  --depth_;
  return {};
}

base::Result<unsigned> JsonReader::four_digits() {
  if (end_ - at_ < 4) return wrong("an escape is cut short");
  unsigned code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = *at_;
    code <<= 4U;
    if (is_digit(c))
      code |= static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      code |= static_cast<unsigned>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      code |= static_cast<unsigned>(c - 'A' + 10);
    else
      return wrong("a wrong escape");
  }
  return code;
}

base::Result<void> JsonReader::escape(char*& to) {
  if (at_ == end_) return wrong("an escape is cut short");
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char c = *at_++;
  if (c != 'u') {
    const auto which = kLetters.find(c);
    if (which == std::string_view::npos) return wrong("a wrong escape");
    *to++ = kMeanings[which];
    return {};
  }
  unsigned code = TRY(four_digits());
  if (code == 0) return wrong("a NUL");
  if (code >= 0xDC00 && code <= 0xDFFF) return wrong("half a surrogate pair");
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return wrong("half a surrogate pair");
    at_ += 2;
    const unsigned low = TRY(four_digits());
    if (low < 0xDC00 || low > 0xDFFF) return wrong("half a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  }
  to = put_utf8(to, code);  // never longer than the escape it replaces
  return {};
}

base::Result<std::string_view> JsonReader::text() {
  if (!take('"')) return wrong("no text");
  char* const start = at_;
  char* to = at_;
  while (true) {
    if (at_ == end_) return wrong("a text without end");
    const char c = *at_++;
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character in a text");
    if (c == '\\') {
      TRY(escape(to));
    } else {
      *to++ = c;
    }
  }
  const std::string_view result(start, static_cast<std::size_t>(to - start));
  if (!base::is_valid_utf8(result)) return wrong("a text that is not UTF-8");
  return result;
}

base::Result<void> JsonReader::skip_number() {
  white_space();
  const auto digits = [&] {
    const char* const from = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ - from;
  };
  if (at_ < end_ && *at_ == '-') ++at_;
  const char* const first = at_;
  const auto whole = digits();
  if (whole == 0 || (whole > 1 && *first == '0')) return wrong("a wrong number");
  if (at_ < end_ && *at_ == '.') {
    ++at_;
    if (digits() == 0) return wrong("a wrong number");
  }
  if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (digits() == 0) return wrong("a wrong number");
  }
  return {};
}

base::Result<std::int64_t> JsonReader::integer() {
  white_space();
  const char* const from = at_;
  TRY(skip_number());
  const auto value = base::parse_integer({from, static_cast<std::size_t>(at_ - from)});
  if (!value) return wrong("no whole number");
  return *value;
}

base::Result<void> JsonReader::word(std::string_view expected) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, expected.size()) != expected)
    return wrong("no value");
  at_ += expected.size();
  return {};
}

base::Result<void> JsonReader::skip() {
  switch (TRY(peek())) {
    case JsonKind::object:
      return object([this](std::string_view) { return skip(); });
    case JsonKind::array:
      return array([this] { return skip(); });
    case JsonKind::text:
      TRY(text());
      return {};
    case JsonKind::number:
      return skip_number();
    case JsonKind::boolean:
      return word(*at_ == 't' ? "true" : "false");
    case JsonKind::null:
      return word("null");
  }
  return {};
}

base::Result<void> JsonReader::end() {
  white_space();
  if (at_ != end_) return wrong("more after the end");
  return {};
}

}  // namespace secret
