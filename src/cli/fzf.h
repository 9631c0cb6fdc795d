// fzf as the list's other face: started without a shell, rows to its standard input, the chosen one from its output.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "cli/picker.h"

#include <functional>
#include <string>

namespace cli {

/// The row that was chosen in `program`. Errors: failure where none was.
base::Result<std::size_t> run_fzf(const std::string& program, const base::Environment& environment, std::size_t count,
                                  const std::function<PickerCells(std::size_t)>& cells_of);

}  // namespace cli
