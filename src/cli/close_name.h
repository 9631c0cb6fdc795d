// "Did you mean …?": the known name closest to a mistyped one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// The first of the names with the fewest changed letters, at most a third of the word's; else the first that begins
/// with the word; nullopt where none is close.
std::optional<std::string> close_name(std::string_view word, const std::vector<std::string>& names);

}  // namespace cli
