#include "aws/marked_block.h"

#include "base/shell_word.h"
#include "base/text.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kBegin = "# BEGIN kabuto config sync ";
constexpr std::string_view kEnd = "# END kabuto config sync ";
constexpr std::size_t kShownName = 100;

std::unexpected<base::Error> broken(const ConfigFile& file, unsigned line, std::string_view what) {
  return fail(ErrorKind::refused, fmt::format("{} line {}: {}", file.path(), line, what),
              "run " + base::editor_command(file.path(), line));
}

struct Found {
  std::string_view name;
  unsigned line = 0;
  std::size_t begin = 0;
  std::size_t body = 0;
  std::size_t body_end = 0;
  std::size_t end = 0;
};

/// All blocks of the file, whoever's.
base::Result<std::vector<Found>> blocks_of(const ConfigFile& file) {
  std::vector<Found> blocks;
  bool open = false;
  bool wants_header = false;  // behind an end marker
  unsigned number = 0;
  const std::string_view text = file.text();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const std::string_view line = next_line(text, at);
    ++number;
    const std::string_view trimmed = base::trim(line);
    if (trimmed.starts_with(kBegin)) {
      const std::string_view name = trimmed.substr(kBegin.size());
      const std::string shown = base::printable(name, kShownName);
      if (open)
        return broken(file, number,
                      fmt::format("a block of kabuto begins inside the one of line {}", blocks.back().line));
      for (const Found& other : blocks)
        if (other.name == name)
          return broken(file, number, fmt::format("the block {} is here again, it was on line {}", shown, other.line));
      blocks.push_back({name, number, start, at, at, at});
      open = true;
      wants_header = false;
    } else if (trimmed.starts_with(kEnd)) {
      if (!open) return broken(file, number, "a block of kabuto ends that has not begun");
      if (trimmed.substr(kEnd.size()) != blocks.back().name)
        return broken(file, number,
                      fmt::format("another block of kabuto ends than the one of line {}", blocks.back().line));
      blocks.back().body_end = start;
      blocks.back().end = at;
      open = false;
      wants_header = true;
    } else if (!open && wants_header) {
      const LineKind kind = line_kind(line);
      if (kind == LineKind::header) wants_header = false;
      if (kind == LineKind::property || kind == LineKind::continuation)
        return broken(file, number, "settings follow kabuto's block without a [section] of their own");
    }
  }
  if (open) return broken(file, blocks.back().line, "a block of kabuto begins that does not end");
  return blocks;
}

std::string with_line_ends(std::string_view body, std::string_view line_end) {
  std::string out;
  for (std::size_t at = 0; at < body.size();) {
    out += next_line(body, at);
    out += line_end;
  }
  return out;
}

/// Whether both say the same outside of [begin, end): the same sections in the same order, with the same bytes.
bool same_outside(const ConfigFile& before, std::size_t begin, std::size_t end, const ConfigFile& after,
                  std::size_t new_end) {
  const auto outside = [begin](const ConfigFile& file, std::size_t to) {
    std::vector<std::pair<std::string_view, std::string_view>> names;
    for (const Section& section : file.sections())
      if (section.header < begin || section.header >= to) names.emplace_back(section.prefix, section.name);
    return names;
  };
  return outside(before, end) == outside(after, new_end);
}

}  // namespace

base::Result<std::optional<MarkedBlock>> find_block(const ConfigFile& file, std::string_view name) {
  for (const Found& found : TRY(blocks_of(file)))
    if (found.name == name)
      return MarkedBlock{found.begin, found.end, file.text().substr(found.body, found.body_end - found.body)};
  return std::nullopt;
}

base::Result<FileText> with_block(const ConfigFile& file, std::string_view name, std::string_view body) {
  if (name.empty() || base::trim(name) != name || base::printable(name, name.size()) != name)
    return fail(ErrorKind::refused, "a block cannot be marked with the name " + base::printable(name, kShownName));
  const auto found = TRY(find_block(file, name));
  const std::string_view text = file.text();
  // A block keeps its own line ends; a new one takes those of the file's first line.
  const std::size_t like = found ? found->begin : 0;
  const auto first_end = text.find('\n', like);
  const bool crlf = first_end != std::string_view::npos && first_end > like && text[first_end - 1] == '\r';
  const std::string_view line_end = crlf ? "\r\n" : "\n";
  const std::size_t begin = found ? found->begin : text.size();
  const std::size_t end = found ? found->end : text.size();
  std::string block;
  std::size_t gap = 0;
  if (!body.empty()) {
    if (begin > 0 && text[begin - 1] != '\n') block += line_end;
    gap = block.size();
    block += fmt::format("{}{}{}{}{}{}", kBegin, name, line_end, with_line_ends(body, line_end), kEnd, name);
    // A file that ends with the marker, without a line end, keeps its last byte.
    if (!found || text.substr(0, end).ends_with('\n')) block += line_end;
  }
  FileText out(text.size() + block.size());
  out.append(text.substr(0, begin));
  out.append(block);
  out.append(text.substr(end));
  const ConfigFile after = TRY(ConfigFile::parse(FileText::copy_of(out.view()), file.path(), file.kind()));
  const auto again = TRY(find_block(after, name));
  if (again.has_value() != !body.empty() || !same_outside(file, begin, end, after, begin + block.size()) ||
      (again && (again->begin != begin + gap || again->body != with_line_ends(body, line_end))))
    return fail(ErrorKind::refused, "the block " + base::printable(name, kShownName) + " would not read back as given");
  return out;
}

}  // namespace aws
