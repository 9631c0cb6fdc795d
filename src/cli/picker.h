// The list that a person chooses from: what is typed, which rows fit, which is selected, and what the lines look like
// in a window of some size. Pure: no terminal, no file, no clock.
#pragma once

#include "cli/fuzzy.h"
#include "cli/keys.h"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// One row as shown, already printable; the profile stands first.
inline constexpr std::array kPickerTitles = {"PROFILE", "ACCOUNT", "ROLE", "REGION", "LEFT"};
inline constexpr std::size_t kPickerColumns = kPickerTitles.size();
using PickerCells = std::array<std::string, kPickerColumns>;

struct WindowSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

class Picker {
 public:
  enum class State { choosing, chosen, cancelled };

  /// `cells_of` is asked for the rows that are shown; for all of them only when something is typed.
  Picker(std::size_t count, std::function<PickerCells(std::size_t)> cells_of);

  void press(const KeyPress& press);
  void resize(WindowSize size);
  State state() const { return state_; }
  /// The row under the cursor; nullopt where none fits.
  std::optional<std::size_t> selected() const;
  const std::string& query() const { return query_; }
  const std::vector<std::size_t>& matches() const { return matches_; }

  struct Frame {
    std::vector<std::string> lines;  // the first is what is typed; none takes the last column
    std::optional<std::size_t> selected_line;
    std::size_t cursor_column = 0;  // in the first line
  };
  Frame frame();

 private:
  const PickerCells& cells(std::size_t row);
  void type(const std::string& text);
  void filter();
  void move(std::ptrdiff_t by);
  void scroll();
  std::string first_line(std::size_t& cursor_column) const;

  std::function<PickerCells(std::size_t)> cells_of_;
  std::vector<std::optional<PickerCells>> cells_;
  std::vector<Searchable> searchable_;  // made when something is typed first
  std::vector<std::size_t> matches_;    // rows, best first
  std::string query_;
  std::size_t at_ = 0;   // in matches_
  std::size_t top_ = 0;  // the first match that is shown
  WindowSize size_;
  State state_ = State::choosing;
};

}  // namespace cli
