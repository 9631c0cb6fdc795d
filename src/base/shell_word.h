// Commands that a person is told to type.
#pragma once

#include <string>
#include <string_view>

namespace base {

/// A path or name as one word of a shell's command line, safe to show.
std::string shell_word(std::string_view text);

/// Opens a file at a line, counted from 1, in the person's own editor.
std::string editor_command(std::string_view path, unsigned line);

}  // namespace base
