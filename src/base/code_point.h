// UTF-8, one code point at a time.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

struct CodePoint {
  char32_t value;
  std::size_t size;  // bytes; 0 = invalid here
};

/// The code point at the front of a non-empty text; overlong forms and surrogates are invalid.
CodePoint first_code_point(std::string_view text);

}  // namespace base
