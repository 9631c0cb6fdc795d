#include "cli/fuzzy.h"

#include "base/text.h"

#include <algorithm>

namespace cli {
namespace {

constexpr int kMatch = 16;
constexpr int kAtWordBegin = 8;
constexpr int kAtHump = 6;  // the P of myProd
constexpr int kTogether = 6;
constexpr int kGapBegins = -3;
constexpr int kGapGoesOn = -1;
constexpr int kInName = 10;
constexpr int kWholeName = 24;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_upper(c) || is_lower(c) || (static_cast<unsigned char>(c) & 0x80U) != 0; }

int bonus_at(std::string_view text, std::size_t at) {
  if (at == 0) return kAtWordBegin;
  const char before = text[at - 1];
  const char here = text[at];
  if (!is_letter(before) && !is_digit(before)) return kAtWordBegin;
  if (is_upper(here) && is_lower(before)) return kAtHump;
  if (is_digit(here) && !is_digit(before)) return kAtHump;
  return 0;
}

/// The score of `word` in text[begin, end), whose letters are there in order and whose first is at `begin`.
int score_between(std::string_view word, const Searchable& line, std::size_t begin, std::size_t end) {
  int score = 0;
  std::size_t matched = 0;
  bool together = false;
  bool in_gap = false;
  int run_bonus = 0;
  for (std::size_t at = begin; at < end && matched < word.size(); ++at) {
    if (line.lower[at] != word[matched]) {
      score += in_gap ? kGapGoesOn : kGapBegins;
      in_gap = true;
      together = false;
      continue;
    }
    const int here = bonus_at(line.text, at);
    // A letter that goes on with a run is worth what the run's begin was.
    run_bonus = together ? std::max({run_bonus, here, kTogether}) : here;
    score += kMatch + run_bonus;
    ++matched;
    together = true;
    in_gap = false;
  }
  if (begin < line.name_size) score += kInName;
  if (begin == 0 && end == line.name_size) score += kWholeName;
  return score;
}

/// The best of the places where `word` stands as it is.
std::optional<int> score_of_whole(std::string_view word, const Searchable& line) {
  std::optional<int> best;
  for (auto at = line.lower.find(word); at != std::string::npos; at = line.lower.find(word, at + 1))
    best = std::max(best.value_or(0), score_between(word, line, at, at + word.size()));
  return best;
}

/// The first place where all letters are there in order, made as short as its end allows.
std::optional<int> score_of_letters(std::string_view word, const Searchable& line) {
  std::size_t matched = 0;
  std::size_t end = 0;
  for (; end < line.lower.size() && matched < word.size(); ++end)
    if (line.lower[end] == word[matched]) ++matched;
  if (matched < word.size()) return std::nullopt;
  std::size_t begin = end;
  while (matched > 0)
    if (line.lower[--begin] == word[matched - 1]) --matched;
  return score_between(word, line, begin, end);
}

}  // namespace

std::optional<int> fit(const std::vector<std::string>& lower_words, const Searchable& line) {
  int total = 0;
  for (const auto& word : lower_words) {
    const auto letters = score_of_letters(word, line);
    if (!letters) return std::nullopt;
    total += std::max(*letters, score_of_whole(word, line).value_or(0));
  }
  return total;
}

std::vector<std::string> query_words(std::string_view query) {
  std::vector<std::string> words;
  for (const auto word : base::split(query, ' '))
    if (!word.empty()) words.push_back(base::lower_ascii(word));
  return words;
}

}  // namespace cli
