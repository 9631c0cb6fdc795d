// How wide text is on a terminal, and text cut or filled to a width. The text has passed base::printable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cli {

/// Columns that a terminal gives to `text`: two for wide East Asian characters and emoji, none for combining marks.
std::size_t columns(std::string_view text);

/// The longest front of `text` that fits; where something is cut off, its last column is "…".
std::string cut_to(std::string_view text, std::size_t width);

/// cut_to, filled with spaces to exactly `width` columns.
std::string fitted(std::string_view text, std::size_t width);

}  // namespace cli
