// A small strict JSON reader for texts that hold secrets: it works in place, in the memory it is given, and copies
// nothing. RFC 8259 without its freedoms: a member comes once, text is valid UTF-8 without NUL, depth is limited. It
// writes no JSON, knows no member by name, and its errors never quote the text.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace secret {

enum class JsonKind : std::uint8_t { object, array, text, number, boolean, null };

class JsonReader {
 public:
  /// Escapes are undone inside `text`, which must outlive every view handed out.
  explicit JsonReader(std::span<std::byte> text)
      : begin_(reinterpret_cast<char*>(text.data())), at_(begin_), end_(begin_ + text.size()) {}

  /// What comes next; the error is that of a text that ends or holds no JSON here.
  base::Result<JsonKind> peek();
  /// Calls `member` for each one; it must read exactly the value, by one of these functions.
  base::Result<void> object(const std::function<base::Result<void>(std::string_view name)>& member);
  /// Calls `element` for each one, in order; as above.
  base::Result<void> array(const std::function<base::Result<void>()>& element);
  base::Result<std::string_view> text();
  /// A whole number without fraction or exponent.
  base::Result<std::int64_t> integer();
  /// Any value; it is still checked.
  base::Result<void> skip();
  /// Nothing but white space may follow the outermost value.
  base::Result<void> end();

 private:
  std::unexpected<base::Error> wrong(std::string_view what) const;
  base::Result<void> skip_number();
  base::Result<void> word(std::string_view expected);
  base::Result<void> escape(char*& to);
  base::Result<unsigned> four_digits();
  void white_space();
  bool take(char c);

  char* begin_;
  char* at_;
  char* end_;
  int depth_ = 0;
};

}  // namespace secret
