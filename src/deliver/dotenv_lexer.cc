#include "deliver/dotenv_lexer.h"

#include "deliver/dotenv_plain_lines.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace deliver {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kExport = "export";

// Spaces beyond ASCII, as both take them: U+0085, U+00A0 and the Unicode spaces.
constexpr std::array<std::string_view, 19> kWideSpaces = {
    "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// What neither reader ends a name at, nor takes for a space.
constexpr std::array<bool, 256> kInName = [] {
  std::array<bool, 256> out{};
  for (int c = 0x21; c < 0x7F; ++c) out[static_cast<std::size_t>(c)] = c != '=' && c != '#' && c != ':';
  return out;
}();
bool is_in_name(char c) { return kInName[static_cast<unsigned char>(c)]; }
/// Whether a wide space could begin there.
bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0xC2; }

/// How long the wide space at `at` is; 0 where none is there.
std::size_t wide_space(std::string_view text, std::size_t at) {
  for (const auto space : kWideSpaces)
    if (text.substr(at).starts_with(space)) return space.size();
  return 0;
}

/// Whether a wide space ends at `at`.
bool wide_space_before(std::string_view text, std::size_t at) {
  return at > 0 && static_cast<unsigned char>(text[at - 1]) >= 0x80 &&
         std::ranges::any_of(kWideSpaces, [&](auto space) { return text.substr(0, at).ends_with(space); });
}

/// A walk over the text; each reader brings its own rules.
class Walk {
 public:
  std::size_t at() const { return at_; }
  /// The begin of a statement for this reader.
  void go_to(std::size_t at) { at_ = at; }

  explicit Walk(std::string_view text)
      : text_(text), at_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

 protected:
  bool over() const { return at_ >= text_.size(); }
  char here() const { return over() ? '\0' : text_[at_]; }
  /// Where `c` stands first from `at` up to `end`; `end` where it does not.
  std::size_t find(char c, std::size_t at, std::size_t end) const {
    const void* const found = std::memchr(text_.data() + at, c, end - at);
    return found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - text_.data()) : end;
  }
  /// Behind the quoted value that begins here, over lines; here where it has no end. A backslash takes what follows
  /// along.
  std::size_t behind_quoted() const {
    const char quote = text_[at_];
    std::size_t i = at_ + 1;
    std::size_t closing = find(quote, i, text_.size());
    while (closing < text_.size()) {
      i = find('\\', i, closing);
      if (i == closing) return closing + 1;
      i += 2;
      if (i > closing) closing = i < text_.size() ? find(quote, i, text_.size()) : text_.size();
    }
    return at_;
  }
  /// The end of the line that `at` is in, by line feeds alone.
  std::size_t line_feed(std::size_t at) const { return find('\n', at, text_.size()); }

  std::string_view text_;
  std::size_t at_;
};

class PythonWalk : public Walk {
 public:
  explicit PythonWalk(std::string_view text) : Walk(text), has_carriage_returns_(text.find('\r') != text.npos) {}
  /// The next statement; false where there is none.
  bool step(DotenvReading& out, std::string_view prefix);

 private:
  std::size_t space(std::size_t at) const;
  bool space_before(std::size_t at) const;
  std::size_t line_end() const;
  void skip_all_space();
  void skip_space_of_line();
  bool take_key(DotenvBinding& binding);
  bool take_value(DotenvBinding& binding);
  void take_bare(DotenvBinding& binding);
  bool take_rest();
  bool take_statement(DotenvBinding& binding);
  void pass_over_line();

  bool has_carriage_returns_;
};

/// The length of what Python's \s takes at `at`; 0 for no space.
std::size_t PythonWalk::space(std::size_t at) const {
  const char c = text_[at];
  if (is_in_name(c)) return 0;
  if (c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1C' && c <= '\x1F')) return 1;
  return is_wide(c) ? wide_space(text_, at) : 0;
}

bool PythonWalk::space_before(std::size_t at) const {
  const char c = text_[at - 1];
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1C' && c <= '\x1F') || wide_space_before(text_, at);
}

/// Python reads a carriage return as a line's end too.
std::size_t PythonWalk::line_end() const {
  const std::size_t end = line_feed(at_);
  return has_carriage_returns_ ? find('\r', at_, end) : end;
}

void PythonWalk::skip_all_space() {
  while (!over()) {
    const auto length = space(at_);
    if (length == 0) return;
    at_ += length;
  }
}

void PythonWalk::skip_space_of_line() {
  while (!over() && !is_line_end(here())) {
    const auto length = space(at_);
    if (length == 0) return;
    at_ += length;
  }
}

bool PythonWalk::take_key(DotenvBinding& binding) {
  if (here() == '\'') {
    const auto end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos || end == at_ + 1) return false;
    binding.key = {at_ + 1, end};
    at_ = end + 1;
    return true;
  }
  const std::size_t begin = at_;
  while (!over() && (is_in_name(here()) || (here() != '=' && here() != '#' && space(at_) == 0))) ++at_;
  binding.key = {begin, at_};
  return at_ > begin;
}

/// Up to a comment, which begins at white space and '#', or the line's end.
void PythonWalk::take_bare(DotenvBinding& binding) {
  const std::size_t begin = at_;
  const std::size_t line = line_end();
  std::size_t end = line;
  for (std::size_t i = find('#', begin, line); i < line; i = find('#', i + 1, line)) {
    if (i == begin || !space_before(i)) continue;
    end = i;
    break;
  }
  while (end > begin && space_before(end)) --end;
  binding.value = {begin, end};
  at_ = line;
}

bool PythonWalk::take_value(DotenvBinding& binding) {
  if (here() != '=') return true;
  binding.has_value = true;
  const std::size_t sign = at_++;
  skip_space_of_line();
  const std::size_t begin = at_;
  if (here() == '\'' || here() == '"') {
    binding.quote = here() == '\'' ? Quote::one : Quote::two;
    at_ = behind_quoted();
    binding.value = {begin, at_};
    return at_ > begin;
  }
  // What follows the sign and a space may be a comment; newer versions read it so.
  if (here() == '#' && begin > sign + 1) {
    binding.value = {sign + 1, sign + 1};
    at_ = line_end();
    return true;
  }
  take_bare(binding);
  return true;
}

/// A comment and the line's end.
bool PythonWalk::take_rest() {
  skip_space_of_line();
  if (here() == '#') at_ = line_end();
  if (over()) return true;
  if (!is_line_end(here())) return false;
  at_ += has_carriage_returns_ && text_.substr(at_).starts_with("\r\n") ? 2 : 1;
  return true;
}

bool PythonWalk::take_statement(DotenvBinding& binding) {
  if (here() == 'e' && text_.substr(at_).starts_with(kExport)) {
    const std::size_t begin = at_;
    at_ += kExport.size();
    const std::size_t behind = at_;
    skip_space_of_line();
    binding.is_exported = at_ > behind;
    if (!binding.is_exported) at_ = begin;
  }
  if (here() == '#') return take_rest();
  if (!take_key(binding)) return false;
  binding.value = {at_, at_};
  skip_space_of_line();
  return take_value(binding) && take_rest();
}

void PythonWalk::pass_over_line() {
  at_ = line_end();
  if (!over()) at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
}

bool PythonWalk::step(DotenvReading& out, std::string_view prefix) {
  skip_all_space();
  if (over()) return false;
  out.last = at_;
  DotenvBinding binding;
  if (!take_statement(binding)) {
    pass_over_line();
    return true;
  }
  if (binding.key == Span{}) return true;  // a comment
  out.is_last_exported = binding.is_exported;
  if (binding.key.in(text_).starts_with(prefix)) out.bindings.push_back(binding);
  return true;
}

class ComposeWalk : public Walk {
 public:
  using Walk::Walk;
  /// The next statement; false where there is none, and after one that it cannot read.
  bool step(DotenvReading& out, std::string_view prefix);

 private:
  std::size_t space(std::size_t at) const;
  void skip_space_of_line();
  bool skip_to_statement();
  bool take_key(DotenvBinding& binding);
  bool take_value(DotenvBinding& binding);
};

/// Its spaces inside a line: the line feed is none, nor are the Unicode ones.
std::size_t ComposeWalk::space(std::size_t at) const {
  const char c = text_[at];
  if (is_in_name(c)) return 0;
  if (c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r') return 1;
  if (!is_wide(c)) return 0;
  const auto rest = text_.substr(at);
  return rest.starts_with("\u0085") || rest.starts_with("\u00A0") ? 2 : 0;
}

void ComposeWalk::skip_space_of_line() {
  while (!over()) {
    const auto length = space(at_);
    if (length == 0) return;
    at_ += length;
  }
}

/// Over white space of all kinds and comments. False at the end.
bool ComposeWalk::skip_to_statement() {
  while (!over()) {
    const char c = here();
    if (is_in_name(c)) return true;
    const auto length = c == '\n' ? 1 : is_wide(c) ? wide_space(text_, at_) : space(at_);
    if (length > 0)
      at_ += length;
    else if (c == '#')
      at_ = line_feed(at_);
    else
      return true;
  }
  return false;
}

bool ComposeWalk::take_key(DotenvBinding& binding) {
  const auto rest = text_.substr(at_);
  constexpr std::string_view kExportEnds = " \t\n\f\r";
  if (rest[0] == 'e' && rest.starts_with(kExport) && rest.size() > kExport.size() &&
      kExportEnds.find(rest[kExport.size()]) != std::string_view::npos) {
    at_ += kExport.size();
    skip_space_of_line();
    binding.is_exported = true;
  }
  const std::size_t begin = at_;
  std::size_t end = begin;  // behind the last byte that is no space
  for (std::size_t i = begin; i < text_.size();) {
    if (const char c = text_[i]; (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
      end = ++i;
      continue;
    }
    if (const auto length = space(i); length > 0) {
      i += length;
      continue;
    }
    const char c = text_[i];
    if (c == '=' || c == ':' || c == '\n') {
      binding.key = {begin, end};
      binding.value = {end, end};
      binding.has_value = c != '\n';
      at_ = i + 1;
      skip_space_of_line();
      return binding.key.in(text_).find(' ') == std::string_view::npos;
    }
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("_.-[]").find(c) != std::string_view::npos ||
                      static_cast<unsigned char>(c) >= 0x80;  // letters of other alphabets, mostly
    if (!good) return false;
    end = ++i;
  }
  // No sign up to the file's end: all of it is the value of a key without a name.
  binding.has_value = true;
  return true;
}

bool ComposeWalk::take_value(DotenvBinding& binding) {
  const std::size_t begin = at_;
  const char quote = here();
  if (over() || (quote != '\'' && quote != '"')) {
    std::size_t end = line_feed(at_);
    at_ = std::min(end + 1, text_.size());
    for (std::size_t i = find('#', begin, end); i < end; i = find('#', i + 1, end)) {
      if (i == begin || text_[i - 1] != ' ') continue;
      end = i - 1;
      break;
    }
    while (end > begin && (text_[end - 1] == ' ' || (text_[end - 1] >= '\t' && text_[end - 1] <= '\r'))) --end;
    binding.value = {begin, end};
    return true;
  }
  binding.quote = quote == '\'' ? Quote::one : Quote::two;
  at_ = behind_quoted();
  binding.value = {begin, at_};
  return at_ > begin;
}

bool ComposeWalk::step(DotenvReading& out, std::string_view prefix) {
  if (!skip_to_statement()) return false;
  out.last = at_;
  DotenvBinding binding;
  if (!take_key(binding) || (binding.has_value && !take_value(binding))) {
    out.refused = out.last;
    return false;
  }
  out.is_last_exported = binding.is_exported;
  if (binding.key.in(text_).starts_with(prefix)) out.bindings.push_back(binding);
  return true;
}

template <class Reader>
DotenvReading read(std::string_view text, std::string_view prefix) {
  DotenvReading out;
  for (Reader reader(text); reader.step(out, prefix);) {
  }
  return out;
}

}  // namespace

DotenvReading read_as_python(std::string_view text, std::string_view prefix) { return read<PythonWalk>(text, prefix); }
DotenvReading read_as_compose(std::string_view text, std::string_view prefix) {
  return read<ComposeWalk>(text, prefix);
}

DotenvReadings read_dotenv(std::string_view text, std::string_view prefix) {
  DotenvReadings out;
  PlainLines plain(text, prefix);
  PythonWalk python(text);
  ComposeWalk compose(text);
  bool python_goes_on = true, compose_goes_on = true;
  while (python_goes_on || compose_goes_on) {
    if (python_goes_on && compose_goes_on && python.at() == compose.at()) {
      const std::size_t at = plain.pass(python.at(), out);
      python.go_to(at);
      compose.go_to(at);
    }
    // Who is behind comes up, so that they meet again.
    if (python_goes_on && (!compose_goes_on || python.at() <= compose.at()))
      python_goes_on = python.step(out.python, prefix);
    else
      compose_goes_on = compose.step(out.compose, prefix);
  }
  return out;
}

}  // namespace deliver
