// The part of TOML that granted's encoder writes and people edit: tables and one-line values.
#include "base/text.h"
#include "peers/settings_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace peers {
namespace {

constexpr std::size_t kMostSettings = 10'000;

using Path = std::vector<std::string>;

/// One line, read from the front.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) { blanks(); }

  bool at_end() const { return rest_.empty() || rest_.front() == '#'; }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    blanks();
    return true;
  }
  bool begins(std::string_view text) const { return rest_.starts_with(text); }

  /// A dotted key.
  std::optional<Path> path() {
    Path out;
    do {
      auto part = key();
      if (!part) return std::nullopt;
      out.push_back(std::move(*part));
    } while (take('.'));
    return out;
  }

  /// "…" with escapes, or '…' without.
  std::optional<std::string> text() {
    if (begins("\"\"\"") || begins("'''")) return std::nullopt;
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '"' && quote != '\'') return std::nullopt;
    rest_.remove_prefix(1);
    std::string out;
    while (!rest_.empty() && rest_.front() != quote) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\\' && quote == '"') {
        const auto plain = escaped();
        if (!plain) return std::nullopt;
        c = *plain;
      }
      out += c;
    }
    if (rest_.empty()) return std::nullopt;
    rest_.remove_prefix(1);
    blanks();
    return out;
  }

  /// A number, a time, true, a list on one line: passed over. False where it does not end here.
  bool skip_value() {
    int depth = 0;
    bool any = false;
    while (!rest_.empty() && (depth > 0 || rest_.front() != '#')) {
      if (rest_.front() == '"' || rest_.front() == '\'') {
        if (!text()) return false;
        any = true;
        continue;
      }
      if (rest_.front() == '[' || rest_.front() == '{') ++depth;
      if ((rest_.front() == ']' || rest_.front() == '}') && --depth < 0) return false;
      any = true;
      rest_.remove_prefix(1);
    }
    return any && depth == 0;
  }

 private:
  void blanks() { rest_ = base::trim(rest_); }

  std::optional<std::string> key() {
    if (begins("\"") || begins("'")) return text();
    const auto is_bare = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    const auto* const end = std::ranges::find_if_not(rest_, is_bare);
    std::string out(rest_.begin(), end);
    if (out.empty()) return std::nullopt;
    rest_.remove_prefix(out.size());
    blanks();
    return out;
  }

  std::optional<char> escaped() {
    static constexpr std::string_view kFrom = "\"\\bfnrt";
    static constexpr std::string_view kTo = "\"\\\b\f\n\r\t";
    const auto which = rest_.empty() ? kFrom.npos : kFrom.find(rest_.front());
    if (which == kFrom.npos) return std::nullopt;  // \u too: no URL, name or path of these tools needs one
    rest_.remove_prefix(1);
    return kTo[which];
  }

  std::string_view rest_;
};

/// One line's part in the whole; false where it is not read.
bool read_line(std::string_view text, unsigned number, Path& table, std::vector<TextSetting>& out) {
  Line line(text);
  if (line.at_end()) return true;
  if (line.begins("[[")) return false;
  if (line.take('[')) {
    auto path = line.path();
    if (!path || !line.take(']') || !line.at_end()) return false;
    table = std::move(*path);
    return true;
  }
  const auto key = line.path();
  if (!key || !line.take('=') || line.at_end()) return false;
  const bool is_text = line.begins("\"") || line.begins("'");
  if (!is_text) return line.skip_value();
  auto value = line.text();
  if (!value || !line.at_end()) return false;
  TextSetting setting;
  setting.path = table;
  setting.path.insert(setting.path.end(), key->begin(), key->end());
  setting.value = std::move(*value);
  setting.line = number;
  out.push_back(std::move(setting));
  return true;
}

}  // namespace

base::Result<std::vector<TextSetting>> read_toml(std::string_view text) {
  std::vector<TextSetting> out;
  Path table;
  unsigned number = 0;
  for (auto line : base::split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!base::is_valid_utf8(line) || out.size() > kMostSettings || !read_line(line, number, table, out))
      return base::fail(base::ErrorKind::failure, fmt::format("line {} is of a form that is not read here", number));
  }
  return out;
}

}  // namespace peers
