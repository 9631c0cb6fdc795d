#include "base/shell_word.h"

#include "base/text.h"

#include <fmt/format.h>

namespace base {
namespace {

constexpr std::size_t kLongestShown = 4096;

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=@+,";
  const bool is_plain = !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
  return printable(is_plain ? std::string(text) : quoted(text), kLongestShown);
}

std::string editor_command(std::string_view path, unsigned line) {
  return fmt::format("${{EDITOR:-vi}} +{} {}", line, printable(quoted(path), kLongestShown));
}

}  // namespace base
