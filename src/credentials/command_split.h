// A command line of the config file into words, as the AWS CLI does it (Python's shlex, POSIX): quotes and backslashes
// mean something, nothing else does. No shell ever sees the text.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace credentials {

/// Error (failure): an open quote, or a backslash at the end. An empty text gives no words.
base::Result<std::vector<std::string>> split_command(std::string_view text);

}  // namespace credentials
