#include "cli/picker.h"

#include "base/code_point.h"
#include "base/text.h"
#include "cli/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace cli {
namespace {

constexpr std::size_t kMostRows = 15;
constexpr std::size_t kRowsForTitles = 5;  // a window with fewer shows rows alone
constexpr std::size_t kLongestQuery = 256;
constexpr std::size_t kNarrowestColumn = 6;
constexpr std::string_view kQuestion = "profile: ";
constexpr std::string_view kSelected = "> ";
constexpr std::string_view kOther = "  ";
constexpr std::string_view kGap = "  ";

/// Rows of the list in a window; the line above it is what is typed.
std::size_t list_height(WindowSize size, bool titles) {
  const std::size_t above = titles ? 2 : 1;
  return size.rows <= above + 1 ? 1 : std::min(size.rows - above - 1, kMostRows);
}

bool shows_titles(WindowSize size) { return size.rows >= kRowsForTitles; }

using Widths = std::array<std::size_t, kPickerColumns>;

/// What each column gets of `room`: the profile first, then the others while there is room for something of them.
Widths share(Widths wanted, std::size_t room) {
  Widths given{};
  // A long name leaves half of the window to the rest.
  const std::size_t others = std::accumulate(wanted.begin() + 1, wanted.end(), std::size_t{0});
  if (wanted[0] > room / 2 && others > 0)
    wanted[0] =
        std::max(room / 2, std::min(wanted[0], room - std::min(room, others + (kPickerColumns - 1) * kGap.size())));
  for (std::size_t i = 0; i < kPickerColumns; ++i) {
    const std::size_t gap = i == 0 ? 0 : kGap.size();
    if (room <= gap || room - gap < std::min(wanted[i], kNarrowestColumn)) break;
    given[i] = std::min(wanted[i], room - gap);
    room -= given[i] + gap;
  }
  return given;
}

std::string line_of(std::string_view mark, const PickerCells& cells, const Widths& widths) {
  std::string line(mark);
  for (std::size_t i = 0; i < kPickerColumns && widths[i] > 0; ++i) {
    if (i > 0) line += kGap;
    line += fitted(cells[i], widths[i]);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

void drop_last_character(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
  if (!text.empty()) text.pop_back();
}

void drop_last_word(std::string& text) {
  while (text.ends_with(' ')) text.pop_back();
  while (!text.empty() && !text.ends_with(' ')) text.pop_back();
}

}  // namespace

Picker::Picker(std::size_t count, std::function<PickerCells(std::size_t)> cells_of)
    : cells_of_(std::move(cells_of)), cells_(count), matches_(count) {
  std::iota(matches_.begin(), matches_.end(), std::size_t{0});
}

const PickerCells& Picker::cells(std::size_t row) {
  if (!cells_[row]) cells_[row] = cells_of_(row);
  return *cells_[row];
}

std::optional<std::size_t> Picker::selected() const {
  if (matches_.empty()) return std::nullopt;
  return matches_[at_];
}

void Picker::resize(WindowSize size) {
  size_ = size;
  scroll();
}

void Picker::press(const KeyPress& press) {
  const auto page = static_cast<std::ptrdiff_t>(list_height(size_, shows_titles(size_)));
  const auto all = static_cast<std::ptrdiff_t>(matches_.size());
  switch (press.key) {
    case Key::text:
      return type(query_ + press.text);
    case Key::up:
      return move(-1);
    case Key::down:
      return move(1);
    case Key::page_up:
      return move(-page);
    case Key::page_down:
      return move(page);
    case Key::home:
      return move(-all);
    case Key::end:
      return move(all);
    case Key::backspace: {
      std::string shorter = query_;
      drop_last_character(shorter);
      return type(shorter);
    }
    case Key::delete_word: {
      std::string shorter = query_;
      drop_last_word(shorter);
      return type(shorter);
    }
    case Key::delete_line:
      return type("");
    case Key::enter:
      if (selected()) state_ = State::chosen;
      return;
    case Key::end_of_input:
      if (query_.empty()) state_ = State::cancelled;
      return;
    case Key::escape:
      state_ = State::cancelled;
      return;
  }
}

void Picker::type(const std::string& text) {
  if (text == query_ || text.size() > kLongestQuery) return;
  query_ = text;
  filter();
}

void Picker::filter() {
  const auto words = query_words(query_);
  if (searchable_.empty() && !words.empty()) {
    searchable_.reserve(cells_.size());
    for (std::size_t row = 0; row < cells_.size(); ++row) {
      const PickerCells& shown = cells(row);
      Searchable line;
      line.name_size = shown[0].size();
      line.text = fmt::format("{} {} {} {}", shown[0], shown[1], shown[2], shown[3]);
      line.lower = base::lower_ascii(line.text);
      searchable_.push_back(std::move(line));
    }
  }
  std::vector<std::pair<int, std::size_t>> found;
  for (std::size_t row = 0; row < cells_.size(); ++row) {
    const auto score = words.empty() ? std::optional(0) : fit(words, searchable_[row]);
    if (score) found.emplace_back(-*score, row);
  }
  std::ranges::sort(found);
  matches_.clear();
  for (const auto& [score, row] : found) matches_.push_back(row);
  at_ = top_ = 0;
}

void Picker::move(std::ptrdiff_t by) {
  if (matches_.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(matches_.size()) - 1;
  at_ = static_cast<std::size_t>(std::clamp(static_cast<std::ptrdiff_t>(at_) + by, std::ptrdiff_t{0}, last));
  scroll();
}

void Picker::scroll() {
  const std::size_t height = list_height(size_, shows_titles(size_));
  top_ = std::min(top_, at_);
  if (at_ >= top_ + height) top_ = at_ - height + 1;
  // A window that has grown shows more, not emptiness.
  if (top_ + height > matches_.size()) top_ = matches_.size() > height ? matches_.size() - height : 0;
}

std::string Picker::first_line(std::size_t& cursor_column) const {
  const std::size_t room = size_.columns > 1 ? size_.columns - 1 : 1;
  std::string line(kQuestion.size() + 1 < room ? kQuestion : "");
  // The end of what is typed stays in sight.
  std::string_view typed = query_;
  while (!typed.empty() && columns(line) + columns(typed) + 1 > room)
    typed.remove_prefix(std::max<std::size_t>(base::first_code_point(typed).size, 1));
  line += typed;
  cursor_column = columns(line);
  const std::string count = fmt::format("{}/{}", matches_.size(), cells_.size());
  if (cursor_column + kGap.size() + count.size() <= room)
    line += std::string(room - cursor_column - count.size(), ' ') + count;
  return line;
}

Picker::Frame Picker::frame() {
  Frame frame;
  frame.lines.push_back(first_line(frame.cursor_column));
  const bool titles = shows_titles(size_);
  const std::size_t height = list_height(size_, titles);
  const std::size_t end = std::min(matches_.size(), top_ + height);
  PickerCells head;
  std::ranges::copy(kPickerTitles, head.begin());
  Widths wanted{};
  for (std::size_t i = 0; i < kPickerColumns; ++i) {
    if (titles) wanted[i] = columns(head[i]);
    for (std::size_t row = top_; row < end; ++row) wanted[i] = std::max(wanted[i], columns(cells(matches_[row])[i]));
  }
  const std::size_t room = size_.columns > kSelected.size() + 1 ? size_.columns - kSelected.size() - 1 : 1;
  const Widths widths = share(wanted, room);
  if (titles) frame.lines.push_back(line_of(kOther, head, widths));
  for (std::size_t row = top_; row < end; ++row) {
    if (row == at_) frame.selected_line = frame.lines.size();
    frame.lines.push_back(line_of(row == at_ ? kSelected : kOther, cells(matches_[row]), widths));
  }
  if (matches_.empty()) frame.lines.push_back(cut_to("  nothing fits", size_.columns - 1));
  return frame;
}

}  // namespace cli
