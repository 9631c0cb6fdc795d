// The names that kabuto answers to besides its own: those of the tools it replaces. A name is one row of the table in
// names.cc and one file; it has that tool's own command line, output, files and exit codes, over kabuto's store.
#pragma once

#include "base/clock.h"
#include "base/environment.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace names {

/// How the process was started.
struct Call {
  std::string_view program;            // argv[0], as typed
  std::span<const char* const> words;  // the others
  base::Clock& clock;
  const base::Environment& environment;
};

struct Name {
  std::string_view name;
  /// Does everything, prints errors as the old tool did, and returns its exit code.
  int (*run)(const Call& call);
};

/// The row for the last part of argv[0]; nullptr: kabuto itself.
const Name* called_as(std::string_view program);
std::size_t count_of_names();

}  // namespace names
