// The words behind one of kabuto-sim's own commands.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim {

/// The word at that place of a command line; usage where there is none.
base::Result<std::string> need(const std::vector<std::string>& arguments, std::size_t at, const std::string& usage);

/// Every "--NAME VALUE" (or "--NAME=VALUE") behind the command's first words, in order.
using Options = std::vector<std::pair<std::string, std::string>>;
/// Errors: usage, where there is another word, or a name is not among `known`, or one has no value.
base::Result<Options> options_of(const std::vector<std::string>& arguments, std::size_t from,
                                 const std::vector<std::string_view>& known, const std::string& usage);

}  // namespace sim
