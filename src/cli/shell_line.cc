#include "cli/shell_line.h"

namespace cli {
namespace {

constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.,:/@%^";
constexpr std::string_view kSpecialInDoubleQuotes = "\"\\$`";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

/// Whether a backslash inside double quotes takes effect on `next`.
bool escapable_in_double_quotes(char next) { return next == '"' || next == '\\' || next == '$' || next == '`'; }

std::string with_backslashes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = kPlain.find(c) != std::string_view::npos || (static_cast<unsigned char>(c) & 0x80U) != 0;
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

ShellLine parse_shell_line(std::string_view line, std::string_view breaks) {
  ShellLine out;
  bool begun = false;
  const auto end_word = [&] {
    if (begun) out.words.push_back(out.current);
    out.current.clear();
    out.kept = 0;
    begun = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (out.quote == '\'') {
      if (c == '\'')
        out.quote = '\0';
      else
        out.current += c;
    } else if (out.quote == '"') {
      if (c == '"')
        out.quote = '\0';
      else if (c == '\\' && i + 1 < line.size() && escapable_in_double_quotes(line[i + 1]))
        out.current += line[++i];
      else
        out.current += c;
    } else if (is_space(c)) {
      end_word();
    } else {
      begun = true;
      if (c == '\\' && i + 1 < line.size()) {
        out.current += line[++i];
      } else if (c == '\'' || c == '"') {
        out.quote = c;
        out.kept = out.current.size();
      } else {
        out.current += c;
        // An @ parts words and belongs to the second: host names begin so.
        if (breaks.find(c) != std::string_view::npos) out.kept = out.current.size() - (c == '@' ? 1 : 0);
      }
    }
  }
  return out;
}

std::optional<std::string> written_for(const ShellLine& line, std::string_view value) {
  if (!value.starts_with(line.current)) return std::nullopt;
  const auto rest = value.substr(line.kept);
  if (line.quote == '\'') {
    if (rest.find('\'') != std::string_view::npos) return std::nullopt;
    return std::string(rest);
  }
  if (line.quote == '\0') return with_backslashes(rest);
  std::string out;
  for (const char c : rest) {
    // History would expand it, and no backslash helps inside double quotes.
    if (c == '!') return std::nullopt;
    if (kSpecialInDoubleQuotes.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace cli
