// The segment of a shell's prompt that `kabuto prompt` prints: made from the variables that `kabuto exec` set, safe in
// a prompt that the shell expands once more, and with its colours marked as taking no width.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace cli {

enum class PromptShell { bash, zsh, fish, plain };

/// Error: usage.
base::Result<PromptShell> prompt_shell_of(std::string_view name);

constexpr std::string_view kPromptFormat = "({profile} {region} {left}) ";

/// `format`: text with {profile}, {region}, {left} and {expires}; an empty one takes the space before it along. Empty
/// outside of `kabuto exec`. Error: usage, for another name in braces, also outside.
base::Result<std::string> prompt_segment(const base::Environment& environment, base::Instant now,
                                         std::string_view format, PromptShell shell);

}  // namespace cli
