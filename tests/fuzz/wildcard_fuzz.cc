// The wildcard matcher against a slow and obvious one.
#include "base/text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

/// Table of "pattern up to p matches text up to t": plainly right.
bool obvious(std::string_view pattern, std::string_view text) {
  std::vector<char> row(text.size() + 1, 0);
  row[0] = 1;
  for (const char p : pattern) {
    std::vector<char> next(text.size() + 1, 0);
    if (p == '*') next[0] = row[0];
    for (std::size_t t = 1; t <= text.size(); ++t)
      next[t] = p == '*' ? static_cast<char>(row[t] | next[t - 1]) : (p == '?' || p == text[t - 1]) ? row[t - 1] : 0;
    row = next;
  }
  return row[text.size()] != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 300) return 0;
  const std::size_t cut = data[0] % size;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pattern = text.substr(1, cut);
  const auto subject = text.substr(1 + pattern.size());
  if (base::matches_wildcard(pattern, subject) != obvious(pattern, subject)) std::abort();
  return 0;
}
