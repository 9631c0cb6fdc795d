// How well typed words fit a line, as a person means them: their letters in order, best where words begin and where
// they stand together. Pure; ASCII letters compare ignoring case.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// A line made ready to be searched many times.
struct Searchable {
  std::string text;           // all of it; the name stands first
  std::string lower;          // base::lower_ascii(text)
  std::size_t name_size = 0;  // what is found in the name is worth more
};

/// Higher is better; nullopt where the letters of a word are not all there in order. Every word must fit.
std::optional<int> fit(const std::vector<std::string>& lower_words, const Searchable& line);

/// The words of a query, in lower case.
std::vector<std::string> query_words(std::string_view query);

}  // namespace cli
