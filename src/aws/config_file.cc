#include "aws/config_file.h"

#include "base/shell_word.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <set>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;
using base::trim;

// So many lookups go line by line through the sections; more of them pay for a sorted index.
constexpr unsigned kLookupsBeforeIndex = 16;
// A guess that saves growing: a profile of an average file.
constexpr std::size_t kBytesPerSection = 96;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool blank(char c) { return c == ' ' || c == '\t'; }

constexpr std::array<bool, 256> identifier_bytes() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kIdentifierBytes = identifier_bytes();

/// Where the line's '=' stands; npos where a comment or the end comes first.
std::size_t equals_sign(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '=') return i;
    if ((line[i] == '#' || line[i] == ';') && i > 0 && blank(line[i - 1])) break;
  }
  return std::string_view::npos;
}

/// Whether any byte is NUL or not ASCII; eight bytes at a time.
bool plain_ascii(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  std::uint64_t odd = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    odd |= word | (word - kOnes);  // the second sets the high bit for a zero byte (or for one above 0x80, odd as well)
  }
  if ((odd & kHigh) != 0) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), [](char c) { return c > 0; });
}

/// The name between balanced quotes, as the AWS CLI's shell splitting reads it; nullopt where it is none.
std::optional<std::string_view> unquoted(std::string_view text) {
  if (text.size() < 3 || (text[0] != '"' && text[0] != '\'') || text.back() != text[0]) return std::nullopt;
  const auto inner = text.substr(1, text.size() - 2);
  const bool plain = std::ranges::none_of(inner, [&](char c) {
    return c == text[0] || (c == '\\' && text[0] == '"') || (c >= 0 && c < 0x20) || c == 0x7F;
  });
  if (!plain) return std::nullopt;
  return inner;
}

/// The header's text between the brackets; nullopt where the line does not end with one.
std::optional<std::string_view> between_brackets(std::string_view line) {
  std::string_view text = trim(line);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' || text[i] == ';') {
      text = trim(text.substr(0, i));
      break;
    }
  }
  if (text.size() < 2 || text.back() != ']') return std::nullopt;
  return trim(text.substr(1, text.size() - 2));
}

Section section_of(std::string_view header, FileKind file) {
  Section section{};
  section.kind = SectionKind::ignored;
  const auto space = static_cast<std::size_t>(std::ranges::find_if(header, blank) - header.begin());
  if (space == header.size()) {
    section.name = header;
    if (is_identifier(header) && (file == FileKind::credentials || header == "default"))
      section.kind = SectionKind::profile;
    return section;
  }
  section.prefix = header.substr(0, space);
  section.name = trim(header.substr(space + 1));
  bool valid = is_identifier(section.name);
  if (const auto inner = unquoted(section.name)) {
    section.name = *inner;
    valid = true;
  }
  if (!valid || file == FileKind::credentials) return section;
  if (section.prefix == "profile") section.kind = SectionKind::profile;
  if (section.prefix == "sso-session") section.kind = SectionKind::sso_session;
  if (section.prefix == "services") section.kind = SectionKind::services;
  return section;
}

std::string section_title(const Section& section) {
  return base::printable(fmt::format("[{}{}{}]", section.prefix, section.prefix.empty() ? "" : " ", section.name));
}

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return kIdentifierBytes[static_cast<unsigned char>(c)]; });
}

LineKind line_kind(std::string_view line) {
  if (line.empty()) return LineKind::blank;
  switch (line[0]) {
    case '#':
    case ';':
      return LineKind::comment;
    case '[':
      return LineKind::header;
    case ' ':
    case '\t':
      return std::ranges::all_of(line, blank) ? LineKind::blank : LineKind::continuation;
    default:
      return LineKind::property;
  }
}

PropertyLine take_apart(std::string_view line) {
  PropertyLine out;
  line = trim(line);
  const auto sign = equals_sign(line);
  if (sign == std::string_view::npos) {
    out.flaw = PropertyLine::Flaw::no_equals_sign;
    return out;
  }
  out.key = trim(line.substr(0, sign));
  if (out.key.empty()) out.flaw = PropertyLine::Flaw::no_name;
  std::size_t end = line.size();
  for (std::size_t i = sign + 1; i < line.size(); ++i) {
    if ((line[i] == '#' || line[i] == ';') && blank(line[i - 1])) {
      end = i;
      break;
    }
  }
  out.value = trim(line.substr(sign + 1, end - sign - 1));
  while (end < line.size() && end > sign + 1 && blank(line[end - 1])) --end;
  out.comment = line.substr(end);
  return out;
}

std::string_view next_line(std::string_view text, std::size_t& at) {
  const char* const start = text.data() + at;
  const auto* const found = static_cast<const char*>(std::memchr(start, '\n', text.size() - at));
  std::string_view line(start, found != nullptr ? static_cast<std::size_t>(found - start) : text.size() - at);
  at += line.size() + (found != nullptr ? 1 : 0);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

base::Result<ConfigFile> ConfigFile::read(const std::string& path, FileKind kind) {
  std::optional<FileText> text;
  if (!path.empty()) text = TRY(FileText::read(path, kLargestConfigFile));
  return parse(text ? std::move(*text) : FileText(), path, kind);
}

base::Result<ConfigFile> ConfigFile::parse(FileText owned, std::string path, FileKind kind) {
  ConfigFile file;
  file.text_ = std::move(owned);
  file.path_ = std::move(path);
  file.kind_ = kind;
  const std::string_view text = file.text_.view();
  if (text.size() > kLargestConfigFile)
    return fail(ErrorKind::failure, fmt::format("{} is larger than {} bytes", file.path_, kLargestConfigFile));
  std::uint32_t number = 0;
  const auto broken = [&](std::string_view message) {
    return fail(ErrorKind::failure, fmt::format("error parsing {} on line {}: {}", file.path_, number, message),
                "run " + base::editor_command(file.path_, number));
  };
  const bool ascii = plain_ascii(text);
  file.sections_.reserve(text.size() / kBytesPerSection + 4);
  std::optional<std::string_view> property;  // the line that continuations belong to
  for (std::size_t at = 0; at < text.size();) {
    const auto start = static_cast<std::uint32_t>(at);
    const std::string_view line = next_line(text, at);
    ++number;
    if (!ascii) {
      if (line.find('\0') != std::string_view::npos) return broken("The line holds a NUL byte");
      if (!base::is_valid_utf8(line)) return broken("The line is not UTF-8");
      if (number == 1 && line.starts_with(kByteOrderMark))
        return broken("Expected a profile definition, found a byte order mark: save the file without it");
    }
    switch (line_kind(line)) {
      case LineKind::blank:
      case LineKind::comment:
        break;
      case LineKind::header: {
        const auto header = between_brackets(line);
        if (!header) return broken("Profile definition must end with ']'");
        if (!file.sections_.empty()) file.sections_.back().end = start;
        Section section = section_of(*header, kind);
        section.line = number;
        section.header = start;
        section.body = static_cast<std::uint32_t>(at);
        if (section.kind == SectionKind::profile && section.name == "default" && !section.prefix.empty())
          file.has_prefixed_default_ = true;
        file.sections_.push_back(section);
        property.reset();
        break;
      }
      case LineKind::continuation:
        if (file.sections_.empty()) return broken("Expected a profile definition");
        if (!property) return broken("Expected a property definition, found continuation");
        if (take_apart(*property).value.empty()) {
          const auto parts = take_apart(line);
          if (parts.flaw == PropertyLine::Flaw::no_equals_sign)
            return broken("Expected an '=' sign defining a sub-property");
          if (parts.flaw == PropertyLine::Flaw::no_name) return broken("Sub-property did not have a name");
        }
        break;
      case LineKind::property: {
        if (file.sections_.empty()) return broken("Expected a profile definition");
        const auto sign = equals_sign(line);
        if (sign == std::string_view::npos) return broken("Expected an '=' sign defining a property");
        if (sign == 0) return broken("Property did not have a name");  // a line that starts blank is a continuation
        property = line;
        break;
      }
    }
  }
  if (!file.sections_.empty()) file.sections_.back().end = static_cast<std::uint32_t>(text.size());
  return file;
}

bool ConfigFile::counts(const Section& section) const {
  if (section.kind == SectionKind::ignored) return false;
  return !(has_prefixed_default_ && kind_ == FileKind::config && section.prefix.empty() && section.name == "default");
}

std::vector<const Section*> ConfigFile::sections(SectionKind kind, std::string_view name) const {
  std::vector<const Section*> found;
  const auto take = [&](const Section& section) {
    if (section.kind == kind && section.name == name && counts(section)) found.push_back(&section);
  };
  if (lookups_ < kLookupsBeforeIndex) {
    ++lookups_;
    std::ranges::for_each(sections_, take);
    return found;
  }
  const auto name_at = [&](std::uint32_t i) { return sections_[i].name; };
  if (by_name_.size() != sections_.size()) {
    by_name_.resize(sections_.size());
    std::iota(by_name_.begin(), by_name_.end(), 0U);
    std::ranges::stable_sort(by_name_, {}, name_at);
  }
  for (const auto i : std::ranges::equal_range(by_name_, name, {}, name_at)) take(sections_[i]);
  return found;
}

std::vector<Property> ConfigFile::properties(const Section& section) const {
  std::vector<Property> out;
  bool ignored = false;
  std::uint32_t number = section.line;
  const std::string_view text = text_.view().substr(0, section.end);
  for (std::size_t at = section.body; at < text.size();) {
    const std::string_view line = next_line(text, at);
    ++number;
    const LineKind kind = line_kind(line);
    if (kind == LineKind::property) {
      const PropertyLine parts = take_apart(line);
      ignored = !is_identifier(parts.key);
      if (!ignored) out.push_back({parts.key, parts.value, number, {}});
    } else if (kind == LineKind::continuation && !ignored) {
      out.back().continuations.push_back(trim(line));
    }
  }
  return out;
}

std::vector<Warning> ConfigFile::warnings() const {
  std::vector<Warning> out;
  const auto warn = [&](unsigned line, std::string what) { out.push_back({path_, line, std::move(what)}); };
  std::set<std::pair<SectionKind, std::string_view>> seen;
  std::set<std::tuple<SectionKind, std::string_view, std::string>> keys;
  for (const Section& section : sections_) {
    const std::string title = section_title(section);
    if (!counts(section)) {
      // Sections of the AWS CLI itself are nobody's mistake.
      if (section.prefix.empty() && (section.name == "plugins" || section.name == "preview")) continue;
      warn(section.line, section.kind == SectionKind::ignored
                             ? title + " is ignored: no such kind of section, or not a valid name"
                             : title + " is ignored because there is a [profile default]");
      continue;
    }
    if (!seen.emplace(section.kind, section.name).second)
      warn(section.line, title + " comes twice: the AWS CLI refuses such a file");
    std::uint32_t number = section.line;
    const std::string_view text = text_.view().substr(0, section.end);
    for (std::size_t at = section.body; at < text.size();) {
      const std::string_view line = next_line(text, at);
      ++number;
      if (line_kind(line) != LineKind::property) continue;
      const auto key = take_apart(line).key;
      if (!is_identifier(key))
        warn(number, "a key in " + title + " is ignored: not a valid name");
      else if (!keys.emplace(section.kind, section.name, base::lower_ascii(key)).second)
        warn(number, fmt::format("{} comes twice in {}: the later one counts; the AWS CLI refuses such a file",
                                 base::printable(key), title));
    }
  }
  return out;
}

}  // namespace aws
