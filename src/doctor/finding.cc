#include "doctor/finding.h"

#include "base/text.h"

namespace doctor {
namespace {

constexpr std::size_t kLongestWord = 4096;

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::problem:
      return "problem";
    case Severity::warning:
      return "warning";
    case Severity::good:
      break;
  }
  return "good";
}

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
  return base::printable(out, kLongestWord);
}

}  // namespace doctor
