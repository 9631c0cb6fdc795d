// The lines of a .env file that are alike for all its readers, nearly all of any: both walks of dotenv_lexer pass over
// them together, in one go.
#pragma once

#include "deliver/dotenv_lexer.h"

#include <cstddef>
#include <string_view>

namespace deliver {

/// Lines of which nobody doubts how they read: blank ones, comments, NAME=value on one line without a backslash.
class PlainLines {
 public:
  PlainLines(std::string_view text, std::string_view prefix)
      : text_(text), prefix_(prefix), has_carriage_returns_(text.find('\r') != text.npos) {}

  /// Behind those that begin at `at`; none of them is a binding of the prefix.
  std::size_t pass(std::size_t at, DotenvReadings& out);

 private:
  std::size_t find(char c, std::size_t at, std::size_t end) const;
  std::size_t behind(std::size_t at);

  std::string_view text_;
  std::string_view prefix_;
  bool has_carriage_returns_;
  bool is_binding_ = false;  // of the last line
  bool is_exported_ = false;
};

}  // namespace deliver
