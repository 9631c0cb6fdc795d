#include "deliver/quoting.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>

namespace deliver {
namespace {

// Read as themselves by every shell; the bytes credentials are made of, which therefore stay unquoted as AWS's own CLI
// writes them.
constexpr std::string_view kPlainPunctuation = "+/=_.:@%-";

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         kPlainPunctuation.find(c) != std::string_view::npos;
}

/// A value all of plain bytes, and none at the front that zsh would expand (`=command`).
bool all_plain(std::string_view value) {
  return !value.empty() && value[0] != '=' && value.find(":=") == std::string_view::npos &&
         std::ranges::all_of(value, is_plain);
}

bool holds_any(std::string_view value, std::string_view which) {
  return value.find_first_of(which) != std::string_view::npos;
}

void append_char(secret::Buffer& out, char c) { append_text(out, {&c, 1}); }

/// Appends with `before` in front of each byte of `which`.
void append_escaped(secret::Buffer& out, std::string_view value, std::string_view which, char before) {
  for (const char c : value) {
    if (which.find(c) != std::string_view::npos) append_char(out, before);
    append_char(out, c);
  }
}

void append_posix(secret::Buffer& out, std::string_view value) {
  if (all_plain(value)) return append_text(out, value);
  append_char(out, '\'');
  for (const char c : value) {
    if (c == '\'')
      append_text(out, "'\\''");
    else
      append_char(out, c);
  }
  append_char(out, '\'');
}

void append_posix_quoted(secret::Buffer& out, std::string_view value) {
  if (!value.empty() && !all_plain(value)) return append_posix(out, value);
  append_char(out, '"');
  append_text(out, value);
  append_char(out, '"');
}

void append_fish(secret::Buffer& out, std::string_view value) {
  append_char(out, '"');
  append_escaped(out, value, "\\\"$", '\\');
  append_char(out, '"');
}

/// PowerShell takes four typographic quotes for single quotes too; a doubled one stands for itself.
void append_powershell(secret::Buffer& out, std::string_view value) {
  static constexpr std::array<std::string_view, 5> kQuotes = {"'", "\u2018", "\u2019", "\u201A", "\u201B"};
  if (all_plain(value)) {
    append_char(out, '"');
    append_text(out, value);
    return append_char(out, '"');
  }
  append_char(out, '\'');
  while (!value.empty()) {
    const auto* const quote = std::ranges::find_if(kQuotes, [&](auto q) { return value.starts_with(q); });
    const auto piece = value.substr(0, quote == kQuotes.end() ? 1 : quote->size());
    append_text(out, piece);
    if (quote != kQuotes.end()) append_text(out, piece);
    value.remove_prefix(piece.size());
  }
  append_char(out, '\'');
}

void append_json(secret::Buffer& out, std::string_view value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  append_char(out, '"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      append_char(out, '\\');
      append_char(out, c);
    } else if (byte < 0x20 || byte == 0x7F) {
      append_text(out, "\\u00");
      append_char(out, kDigits[byte >> 4]);
      append_char(out, kDigits[byte & 15]);
    } else {
      append_char(out, c);
    }
  }
  append_char(out, '"');
}

/// What the grammar of AWS's files reads back unchanged: no white space at the ends, no comment, no nested value.
bool survives_ini(std::string_view value) {
  if (value.empty() || base::trim(value) != value) return false;
  for (const std::string_view comment : {" #", " ;", "\t#", "\t;"})
    if (value.find(comment) != std::string_view::npos) return false;
  return !holds_any(value.substr(0, 1), "#;\"'") && base::is_valid_utf8(value);
}

/// Readers of .env files agree on single quotes without escapes, else on double quotes without them; python-dotenv
/// expands ${…} even inside single quotes.
bool append_dotenv(secret::Buffer& out, std::string_view value) {
  if (all_plain(value)) {
    append_text(out, value);
    return true;
  }
  if (value.find("${") != std::string_view::npos || !base::is_valid_utf8(value)) return false;
  char quote = '\'';
  if (holds_any(value, "'\\")) {
    if (holds_any(value, "\"\\$`")) return false;
    quote = '"';
  }
  append_char(out, quote);
  append_text(out, value);
  append_char(out, quote);
  return true;
}

/// cmd.exe has no way to write % and ! that holds in a window and in a batch file alike, nor a quote inside quotes.
bool append_cmd(secret::Buffer& out, std::string_view value) {
  if (holds_any(value, "%!\"")) return false;
  append_text(out, value);
  return true;
}

}  // namespace

void append_text(secret::Buffer& out, std::string_view text) {
  // The buffer's limit is far above what check_values lets through.
  const bool fits = out.append(std::as_bytes(std::span(text)));
  assert(fits);
  (void)fits;
}

bool append_quoted(secret::Buffer& out, Quoting quoting, std::string_view value) {
  switch (quoting) {
    case Quoting::posix_shell:
      append_posix(out, value);
      return true;
    case Quoting::posix_shell_quoted:
      append_posix_quoted(out, value);
      return true;
    case Quoting::fish:
      append_fish(out, value);
      return true;
    case Quoting::powershell:
      if (!base::is_valid_utf8(value)) return false;
      append_powershell(out, value);
      return true;
    case Quoting::cmd:
      return append_cmd(out, value);
    case Quoting::json:
      if (!base::is_valid_utf8(value)) return false;
      append_json(out, value);
      return true;
    case Quoting::ini:
      if (!survives_ini(value)) return false;
      append_text(out, value);
      return true;
    case Quoting::dotenv:
      return append_dotenv(out, value);
  }
  return false;
}

}  // namespace deliver
