#include "aws/config_writer.h"

#include "aws/file_meaning.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kIndent = "    ";
constexpr std::string_view kPath = "the file";

/// Bytes from `begin` to `end` of the old text give way to `text`, the secret where there is one, and `after`.
struct Splice {
  std::size_t begin;
  std::size_t end;
  std::string text;
  const secret::Bytes* secret = nullptr;
  std::string after = {};

  std::size_t size() const { return text.size() + (secret != nullptr ? secret->size() : 0) + after.size(); }
};

/// One line of a section, with its place in the file.
struct Line {
  std::size_t begin;
  std::size_t end;  // behind the line end
  std::string_view text;
  LineKind kind;
};

/// A property with its continuation lines.
struct Entry {
  Line line;
  PropertyLine parts;
  std::vector<Line> continuations;
};

std::string_view line_end_of(std::string_view text) {
  const auto found = text.find('\n');
  return found != std::string_view::npos && found > 0 && text[found - 1] == '\r' ? "\r\n" : "\n";
}

std::vector<Line> lines_of(const ConfigFile& file, const Section& section) {
  std::vector<Line> out;
  const std::string_view text = file.text().substr(0, section.end);
  for (std::size_t at = section.body; at < text.size();) {
    const std::size_t begin = at;
    const std::string_view line = next_line(text, at);
    out.push_back({begin, at, line, line_kind(line)});
  }
  return out;
}

std::vector<Entry> entries_of(const ConfigFile& file, const Section& section, std::string_view key) {
  std::vector<Entry> out;
  bool ours = false;
  for (const Line& line : lines_of(file, section)) {
    if (line.kind == LineKind::property) {
      const PropertyLine parts = take_apart(line.text);
      ours = base::equals_ignoring_case(parts.key, key);
      if (ours) out.push_back({line, parts, {}});
    } else if (line.kind == LineKind::continuation && ours) {
      out.back().continuations.push_back(line);
    }
  }
  return out;
}

/// The line end of an existing line; nothing where the file ends without one.
std::string_view line_end(const ConfigFile& file, const Line& line) {
  return file.text().substr(line.begin + line.text.size(), line.end - line.begin - line.text.size());
}

base::Result<void> check_text(std::string_view text, std::string_view what) {
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
    return fail(ErrorKind::refused, fmt::format("{} must not hold a line end or a NUL byte", what));
  if (std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; }) ||
      !base::is_valid_utf8(text))
    return fail(ErrorKind::refused, fmt::format("{} must be text without control characters", what));
  return {};
}

base::Result<void> check_value(std::string_view value, std::string_view key) {
  const std::string what = fmt::format("the value of {}", key);
  TRY(check_text(value, what));
  if (base::trim(value) != value)
    return fail(ErrorKind::refused, what + " must not begin or end with a blank: it would be lost on reading");
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool after_blank = i == 0 || value[i - 1] == ' ' || value[i - 1] == '\t';
    if ((value[i] == '#' || value[i] == ';') && after_blank)
      return fail(ErrorKind::refused, what + " must not hold a blank followed by # or ;: a comment would begin there");
  }
  return {};
}

/// Identifiers, but for ':', which the AWS CLI reads as '='.
base::Result<void> check_key(std::string_view key) {
  if (is_identifier(key) && key.find(':') == std::string_view::npos) return {};
  return fail(ErrorKind::refused, "a key must consist of letters, digits and _ - / . % @ +");
}

base::Result<void> check_section(const SectionName& section) {
  if (is_identifier(section.name) && (section.prefix.empty() || is_identifier(section.prefix))) return {};
  TRY(check_text(section.name, "the name"));
  const bool quotable = !section.prefix.empty() && is_identifier(section.prefix) && !section.name.empty() &&
                        section.name.find_first_of("\"'\\#;[]\t") == std::string::npos &&
                        base::trim(section.name) == section.name;
  if (!quotable)
    return fail(ErrorKind::refused,
                "a name must consist of letters, digits and _ - / . % @ : + (in a config file also blanks inside)");
  return {};
}

std::string header_of(const SectionName& section) {
  const std::string_view quote = is_identifier(section.name) ? "" : "\"";
  return fmt::format("[{}{}{}{}{}]", section.prefix, section.prefix.empty() ? "" : " ", quote, section.name, quote);
}

/// The sections that the name means, in order.
std::vector<Section> sections_of(const ConfigFile& file, SectionName name) {
  const auto matching = [&] {
    std::vector<Section> out;
    for (const Section& section : file.sections())
      if (section.prefix == name.prefix && section.name == name.name) out.push_back(section);
    return out;
  };
  if (file.kind() == FileKind::config && name.name == "default" && (name.prefix.empty() || name.prefix == "profile")) {
    name.prefix = "profile";
    if (auto prefixed = matching(); !prefixed.empty()) return prefixed;
    name.prefix.clear();
  }
  return matching();
}

/// Behind the last property of the section, or behind its header.
Splice insertion(const ConfigFile& file, const Section& section, std::string text) {
  std::size_t at = section.body;
  for (const Line& line : lines_of(file, section))
    if (line.kind == LineKind::property || line.kind == LineKind::continuation) at = line.end;
  if (!file.text().substr(0, at).ends_with('\n')) text.insert(0, line_end_of(file.text()));
  return {at, at, std::move(text)};
}

Splice appended_section(const ConfigFile& file, const SectionName& section, std::string_view body) {
  const std::string_view text = file.text();
  const std::string_view end = line_end_of(text);
  const bool open = !text.empty() && !text.ends_with('\n');
  return {text.size(), text.size(), fmt::format("{}{}{}{}", open ? end : "", header_of(section), end, body)};
}

void remove(std::vector<Splice>& splices, const std::vector<Line>& lines) {
  for (const Line& line : lines) splices.push_back({line.begin, line.end, {}});
}

std::string_view indent_of(std::string_view line) { return line.substr(0, line.find_first_not_of(" \t")); }

/// use(std::string_view) with what the edit sets, secret or not.
template <class Use>
auto open_value(const Edit& edit, Use&& use) {
  return edit.secret != nullptr ? edit.secret->reveal_text(std::forward<Use>(use)) : use(std::string_view(edit.value));
}

std::vector<Splice> set_flat(const ConfigFile& file, const Edit& edit) {
  const std::vector<Section> sections = sections_of(file, edit.section);
  const bool empty = open_value(edit, [](std::string_view value) { return value.empty(); });
  // The line up to the value, and the value itself where it may be in a string.
  const auto before = [&](std::string_view key) {
    return fmt::format("{} ={}{}", key, empty ? "" : " ", edit.secret != nullptr ? "" : edit.value);
  };
  const auto with_secret = [&](Splice splice, std::string after) {
    splice.secret = edit.secret;
    splice.after = std::move(after);
    return splice;
  };
  const std::string end(line_end_of(file.text()));
  std::optional<Entry> last;
  for (const Section& section : sections)
    for (Entry& entry : entries_of(file, section, edit.key)) last = std::move(entry);
  if (sections.empty()) return {with_secret(appended_section(file, edit.section, before(edit.key)), end)};
  if (!last) return {with_secret(insertion(file, sections.back(), before(edit.key)), end)};
  const bool same = open_value(edit, [&](std::string_view value) { return last->parts.value == value; });
  if (same && last->continuations.empty()) return {};
  std::vector<Splice> out;
  out.push_back(with_secret({last->line.begin, last->line.end, before(last->parts.key)},
                            fmt::format("{}{}", last->parts.comment, line_end(file, last->line))));
  remove(out, last->continuations);
  return out;
}

base::Result<std::vector<Splice>> set_nested(const ConfigFile& file, const Edit& edit) {
  const std::vector<Section> sections = sections_of(file, edit.section);
  const std::string_view end = line_end_of(file.text());
  const auto sub_line = [&](std::string_view indent, std::string_view key) {
    const std::string line = fmt::format("{}{} = {}", indent, key, edit.value);
    return edit.value.empty() ? line.substr(0, line.size() - 1) : line;
  };
  const std::string whole = fmt::format("{} ={}{}{}", edit.key, end, sub_line(kIndent, edit.sub_key), end);
  std::optional<Entry> last;
  for (const Section& section : sections)
    for (Entry& entry : entries_of(file, section, edit.key)) last = std::move(entry);
  if (sections.empty()) return std::vector{appended_section(file, edit.section, whole)};
  if (!last) return std::vector{insertion(file, sections.back(), whole)};
  if (!last->parts.value.empty())
    return fail(ErrorKind::failure,
                fmt::format("{} has a plain value; it cannot hold {} below it", edit.key, edit.sub_key),
                "unset it first");
  for (auto line = last->continuations.rbegin(); line != last->continuations.rend(); ++line) {
    const PropertyLine parts = take_apart(line->text);
    if (!base::equals_ignoring_case(parts.key, edit.sub_key)) continue;
    return std::vector{Splice{line->begin, line->end,
                              sub_line(indent_of(line->text), parts.key) + std::string(line_end(file, *line))}};
  }
  const Line& before = last->continuations.empty() ? last->line : last->continuations.back();
  const std::string_view indent = last->continuations.empty() ? kIndent : indent_of(before.text);
  std::string text = sub_line(indent, edit.sub_key) + std::string(end);
  if (line_end(file, before).empty()) text.insert(0, end);
  return std::vector{Splice{before.end, before.end, std::move(text)}};
}

std::vector<Splice> unset(const ConfigFile& file, const Edit& edit) {
  std::vector<Splice> out;
  for (const Section& section : sections_of(file, edit.section)) {
    for (const Entry& entry : entries_of(file, section, edit.key)) {
      std::vector<Line> gone = entry.continuations;
      if (!edit.sub_key.empty())
        std::erase_if(gone, [&](const Line& line) {
          return !entry.parts.value.empty() || !base::equals_ignoring_case(take_apart(line.text).key, edit.sub_key);
        });
      if (edit.sub_key.empty() || (!gone.empty() && gone.size() == entry.continuations.size()))
        gone.insert(gone.begin(), entry.line);
      remove(out, gone);
    }
  }
  return out;
}

/// The header, everything down to the last property, and blank lines after it. Comments above the next header stay.
std::vector<Splice> remove_section(const ConfigFile& file, const Edit& edit) {
  std::vector<Splice> out;
  for (const Section& section : sections_of(file, edit.section)) {
    const std::vector<Line> lines = lines_of(file, section);
    std::size_t end = section.body;
    bool open = true;  // still at the lines that go with the last property
    for (const Line& line : lines) {
      if (line.kind == LineKind::property || line.kind == LineKind::continuation) open = true;
      if (line.kind == LineKind::comment) open = false;
      if (open) end = line.end;
    }
    out.push_back({section.header, end, {}});
  }
  return out;
}

base::Result<std::vector<Splice>> rename_section(const ConfigFile& file, const Edit& edit) {
  const std::vector<Section> sections = sections_of(file, edit.section);
  if (sections.empty())
    return fail(ErrorKind::not_found, fmt::format("there is no section {}", header_of(edit.section)));
  if (!(edit.section == edit.new_section) && !sections_of(file, edit.new_section).empty())
    return fail(ErrorKind::failure, fmt::format("there is a section {} already", header_of(edit.new_section)));
  std::vector<Splice> out;
  for (const Section& section : sections) {
    const std::string_view line = file.text().substr(section.header, section.body - section.header);
    // The bracket that closes the header stands before any comment.
    const auto close = line.substr(0, line.find_first_of("#;")).rfind(']');
    out.push_back({section.header, section.header + close + 1, header_of(edit.new_section)});
  }
  return out;
}

base::Result<std::vector<Splice>> splices_of(const ConfigFile& file, const Edit& edit) {
  TRY(check_section(edit.section));
  switch (edit.action) {
    case Edit::Action::set:
      TRY(check_key(edit.key));
      if (!edit.sub_key.empty()) TRY(check_key(edit.sub_key));
      TRY(open_value(edit,
                     [&](auto value) { return check_value(value, edit.sub_key.empty() ? edit.key : edit.sub_key); }));
      if (edit.sub_key.empty()) return set_flat(file, edit);
      return set_nested(file, edit);
    case Edit::Action::unset:
      return unset(file, edit);
    case Edit::Action::add_section:
      if (!sections_of(file, edit.section).empty())
        return fail(ErrorKind::failure, fmt::format("there is a section {} already", header_of(edit.section)));
      return std::vector{appended_section(file, edit.section, "")};
    case Edit::Action::remove_section:
      return remove_section(file, edit);
    case Edit::Action::rename_section:
      TRY(check_section(edit.new_section));
      return rename_section(file, edit);
  }
  return std::vector<Splice>{};
}

FileText spliced(std::string_view text, const std::vector<Splice>& splices) {
  std::size_t size = text.size();
  for (const Splice& splice : splices) size += splice.size();
  FileText out(size);
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    out.append(text.substr(at, splice.begin - at));
    out.append(splice.text);
    if (splice.secret != nullptr) splice.secret->reveal_text([&](std::string_view secret) { out.append(secret); });
    out.append(splice.after);
    at = splice.end;
  }
  out.append(text.substr(at));
  return out;
}

/// The last line of defence: all that the edit is not about says what it said, and the edit's key what was asked for.
bool reads_back(const ConfigFile& before, const ConfigFile& after, const Edit& edit) {
  Meaning old_meaning = meaning_of(before);
  Meaning new_meaning = meaning_of(after);
  const auto is = [](const auto& key, const SectionName& name) {
    const bool plain = name.name == "default" && (std::get<0>(key).empty() || std::get<0>(key) == "profile");
    return std::get<1>(key) == name.name && (plain || std::get<0>(key) == name.prefix);
  };
  const std::string wanted = base::lower_ascii(edit.key);
  const bool whole_section = edit.action == Edit::Action::remove_section || edit.action == Edit::Action::rename_section;
  std::optional<Property> result;
  for (const auto& [key, property] : new_meaning)
    if (is(key, edit.section) && std::get<2>(key) == wanted) result = property;
  const auto touched = [&](const auto& item) {
    if (edit.action == Edit::Action::rename_section && is(item.first, edit.new_section)) return true;
    return is(item.first, edit.section) && (whole_section || std::get<2>(item.first) == wanted);
  };
  std::erase_if(old_meaning, touched);
  std::erase_if(new_meaning, touched);
  if (!same_meaning(old_meaning, new_meaning)) return false;
  if (edit.action == Edit::Action::unset && edit.sub_key.empty()) return !result;
  if (edit.action != Edit::Action::set) return true;
  if (!result) return false;
  if (edit.sub_key.empty())
    return result->continuations.empty() &&
           open_value(edit, [&](std::string_view value) { return result->value == value; });
  std::optional<std::string_view> sub_value;
  for (const std::string_view line : result->continuations) {
    const auto sign = line.find('=');
    if (sign != std::string_view::npos && base::equals_ignoring_case(base::trim(line.substr(0, sign)), edit.sub_key))
      sub_value = base::trim(line.substr(sign + 1));
  }
  return sub_value == std::string_view(edit.value);
}

}  // namespace

SectionName SectionName::of_profile(std::string_view name, FileKind kind) {
  return {kind == FileKind::credentials || name == "default" ? "" : "profile", std::string(name)};
}

base::Result<FileText> edited(std::string_view text, FileKind kind, std::span<const Edit> edits) {
  ConfigFile file = TRY(ConfigFile::parse(FileText::copy_of(text), std::string(kPath), kind));
  for (const Edit& edit : edits) {
    std::vector<Splice> splices = TRY(splices_of(file, edit));
    std::ranges::stable_sort(splices, {}, &Splice::begin);
    auto next = ConfigFile::parse(spliced(file.text(), splices), std::string(kPath), kind);
    if (!next || !reads_back(file, *next, edit))
      return fail(ErrorKind::refused, fmt::format("the edit of {} would not read back as it was given",
                                                  edit.key.empty() ? "the section" : edit.key));
    file = std::move(*next);
  }
  return FileText::copy_of(file.text());
}

base::Result<void> edit_file(const std::string& path, FileKind kind, const EditPlan& plan, base::Clock& clock,
                             base::Duration patience) {
  const Rewrite rewrite = [&](const ConfigFile& file) -> base::Result<FileText> {
    const std::vector<Edit> edits = TRY(plan(file));
    auto text = edited(file.text(), kind, edits);
    if (!text) return std::unexpected(base::with_context(std::move(text).error(), "edit " + path));
    return text;
  };
  return rewrite_file(path, kind, rewrite, clock, patience);
}

base::Result<void> edit_file(const std::string& path, FileKind kind, std::span<const Edit> edits, base::Clock& clock,
                             base::Duration patience) {
  const EditPlan plan = [&](const ConfigFile&) { return std::vector<Edit>(edits.begin(), edits.end()); };
  return edit_file(path, kind, plan, clock, patience);
}

}  // namespace aws
