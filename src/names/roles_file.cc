#include "names/roles_file.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace names {
namespace {

using base::ErrorKind;

constexpr std::size_t kMostRoles = 10'000;
constexpr std::size_t kShown = 60;
// What begins a construct of YAML that this reader does not know; in a plain value such a byte must not stand first.
constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";

std::unexpected<base::Error> wrong(std::size_t line, const std::string& what) {
  return base::fail(ErrorKind::failure, fmt::format("line {}: {}", line, what));
}

/// Without a comment, which begins with a '#' behind white space or at the begin of the line.
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) return text.substr(0, i);
  return text;
}

/// "…" and '…' without escapes, or a plain scalar of one line; an empty one is an empty value.
base::Result<std::string> scalar(std::string_view text, std::size_t line) {
  text = base::trim(text);
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    const auto end = text.find(text[0], 1);
    if (end == text.npos) return wrong(line, "a quote is not closed");
    const auto value = text.substr(1, end - 1);
    if (!base::trim(without_comment(text.substr(end + 1))).empty() || value.find('\\') != value.npos)
      return wrong(line, "a quoted value holds an escape or another quote");
    return std::string(value);
  }
  text = base::trim(without_comment(text));
  if (text.empty()) return std::string();
  if (kIndicators.find(text[0]) != kIndicators.npos || text.find(": ") != text.npos || text.ends_with(':'))
    return wrong(line, "a value of a kind that this file does not hold: " + base::printable(text, kShown));
  return std::string(text);
}

/// The colon that ends the key: one with white space or nothing behind it, outside of quotes.
std::size_t end_of_key(std::string_view text) {
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) at = text.find(text[0], 1);
  for (; at < text.size(); ++at)
    if (text[at] == ':' && (at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\t')) return at;
  return text.npos;
}

/// "key: value", its value not yet read.
base::Result<std::pair<std::string, std::string_view>> key_of(std::string_view text, std::size_t line) {
  const std::size_t colon = end_of_key(text);
  if (colon == text.npos) return wrong(line, "\"key: value\" was expected");
  auto key = TRY(scalar(text.substr(0, colon), line));
  if (key.empty()) return wrong(line, "a key is empty");
  return std::pair(std::move(key), text.substr(colon + 1));
}

class Reader {
 public:
  base::Result<std::vector<FileRole>> read(std::string_view text);

 private:
  base::Result<void> take(std::string_view line);
  base::Result<void> begin_role(std::string_view text);
  base::Result<void> take_key(std::string_view text, std::size_t indent);

  std::vector<FileRole> roles_;
  std::size_t number_ = 0;
  std::size_t indent_ = 0;  // of the keys of the current role; 0: none yet
};

base::Result<void> Reader::begin_role(std::string_view text) {
  const auto [name, rest] = TRY(key_of(text, number_));
  if (!base::trim(without_comment(rest)).empty())
    return wrong(number_, "the keys of role " + base::printable(name, kShown) + " must follow on lines of their own");
  const auto same = [&](const FileRole& role) { return role.name == name; };
  if (std::ranges::any_of(roles_, same))
    return wrong(number_, "role " + base::printable(name, kShown) + " is there twice");
  if (roles_.size() == kMostRoles) return wrong(number_, "too many roles");
  roles_.push_back({name, {}, {}});
  indent_ = 0;
  return {};
}

base::Result<void> Reader::take_key(std::string_view text, std::size_t indent) {
  if (roles_.empty()) return wrong(number_, "a key stands before the first role");
  if (indent_ != 0 && indent != indent_) return wrong(number_, "the keys of a role stand in different columns");
  indent_ = indent;
  const auto [key, rest] = TRY(key_of(text, number_));
  const std::string value = TRY(scalar(rest, number_));
  FileRole& role = roles_.back();
  // Other keys are ignored, as assume-role does.
  std::string* const into = key == "role" ? &role.role_arn : key == "mfa" ? &role.mfa_serial : nullptr;
  if (into == nullptr) return {};
  if (!into->empty()) return wrong(number_, key + " is there twice");
  *into = value;
  return {};
}

base::Result<void> Reader::take(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view text = line.substr(indent);
  if (base::trim(without_comment(text)).empty()) return {};
  if (text[0] == '\t') return wrong(number_, "a tab stands where YAML wants blanks");
  if (indent == 0 && roles_.empty() && base::trim(without_comment(text)) == "---") return {};
  return indent == 0 ? begin_role(text) : take_key(text, indent);
}

base::Result<std::vector<FileRole>> Reader::read(std::string_view text) {
  if (!base::is_valid_utf8(text)) return wrong(1, "not UTF-8");
  for (const auto line : base::split(text, '\n')) {
    ++number_;
    TRY(take(line));
  }
  return std::move(roles_);
}

}  // namespace

base::Result<std::vector<FileRole>> parse_roles(std::string_view text) { return Reader().read(text); }

}  // namespace names
