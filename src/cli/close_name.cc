#include "cli/close_name.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace cli {
namespace {

constexpr std::size_t kLongestWord = 100;  // the work grows with the product of both lengths
constexpr std::size_t kShortestBeginning = 2;

/// Letters to add, drop, replace or swap with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> close_name(std::string_view word, const std::vector<std::string>& names) {
  if (word.size() > kLongestWord) return std::nullopt;
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  const std::string* found = nullptr;
  for (const auto& name : names) {
    if (name.size() > kLongestWord) continue;
    const auto this_one = distance(word, name);
    if (this_one >= best) continue;
    best = this_one;
    found = &name;
  }
  if (found == nullptr && word.size() >= kShortestBeginning) {
    const auto begun = std::ranges::find_if(names, [&](const auto& name) { return name.starts_with(word); });
    if (begun != names.end()) found = &*begun;
  }
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

}  // namespace cli
