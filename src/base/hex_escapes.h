// Names in which other programs have written bytes as a mark and two hexadecimal digits: "%2F", "_2d".
#pragma once

#include <string>
#include <string_view>

namespace base {

/// The escapes undone; a mark without two digits behind it stands for itself.
std::string hex_unescaped(std::string_view text, char mark);

}  // namespace base
