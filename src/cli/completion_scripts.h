// What each shell runs to complete our command lines. The scripts hold no names: they ask `kabuto completion` each
// time.
#pragma once

#include <optional>
#include <string_view>

namespace cli {

/// nullopt for a shell without a script.
std::optional<std::string_view> completion_script(std::string_view shell);

}  // namespace cli
