#include "base/shell_word.h"

#include "base/text.h"

namespace base {
namespace {

constexpr std::size_t kLongestShown = 4096;

}  // namespace

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=@+,";
  std::string out;
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    out = text;
  } else {
    out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += "'";
  }
  return printable(out, kLongestShown);
}

}  // namespace base
