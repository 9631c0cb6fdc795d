// The names of other tools that kabuto answers to when it is called by them; src/names/ has a row for each.
#pragma once

#include <array>
#include <string_view>

namespace cli {

inline constexpr std::array<std::string_view, 4> kOldNames = {"aws-vault", "aws-mfa", "aws2-wrap", "assume-role"};

}  // namespace cli
