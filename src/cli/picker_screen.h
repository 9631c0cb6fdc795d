// A picker on the terminal: draws below the cursor's line, takes keys, and leaves the terminal as it was, whatever ends
// it.
#pragma once

#include "base/result.h"
#include "cli/picker.h"

#include <string>

namespace cli {

/// The row that was chosen. Errors: nobody_to_ask where there is no terminal; failure where none was chosen and the
/// interrupt that says so to a shell is ignored. Another path than /dev/tty is for tests.
base::Result<std::size_t> run_picker(Picker& picker, const std::string& terminal = "/dev/tty");

}  // namespace cli
