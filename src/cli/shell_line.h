// A bash command line up to the cursor, taken apart as bash does it: words without their quotes, what readline takes
// for the word under the cursor, and how a candidate must be written there. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

struct ShellLine {
  std::vector<std::string> words;  // before the current one; the program's name first
  std::string current;             // without quotes
  std::size_t kept = 0;            // of `current`: readline replaces only what follows
  char quote = '\0';               // the quote that is open at the cursor, or '\0'
};

/// `breaks`: COMP_WORDBREAKS.
ShellLine parse_shell_line(std::string_view line, std::string_view breaks);

/// `value` as readline must put it after the kept part; nullopt where the open quote cannot hold it, or where it does
/// not begin with what is typed.
std::optional<std::string> written_for(const ShellLine& line, std::string_view value);

}  // namespace cli
