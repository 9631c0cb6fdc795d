// Quoting of one value for one kind of reader, into locked memory. A value never holds NUL, CR or LF here: check_values
// has refused those.
#pragma once

#include "secret/bytes.h"

#include <string_view>

namespace deliver {

/// posix_shell_quoted: in double quotes where nothing in it asks for more, as older tools write it.
enum class Quoting { posix_shell, posix_shell_quoted, fish, powershell, cmd, json, ini, dotenv };

/// Appends `value` to `out` in the reader's own form. False, with nothing appended, where the reader has no form that
/// gives back these bytes.
[[nodiscard]] bool append_quoted(secret::Buffer& out, Quoting quoting, std::string_view value);

/// Appends text as it is.
void append_text(secret::Buffer& out, std::string_view text);

}  // namespace deliver
