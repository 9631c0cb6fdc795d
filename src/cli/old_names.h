// The names of other tools that kabuto answers to when it is called by them; src/names/ has a row for each.
#pragma once

#include <array>
#include <string_view>

namespace cli {

inline constexpr std::array<std::string_view, 2> kOldNames = {"aws-vault", "assume-role"};

}  // namespace cli
