// Running other programs: no shell, no inherited descriptors, bounded time and output.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

/// Where a child's standard output goes; a caller that expects secrets brings locked memory.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  /// Room for the next bytes; empty when the limit is reached, which ends the child with an error.
  virtual std::span<std::byte> room() = 0;
  /// `count` bytes of the last room() have been filled.
  virtual void filled(std::size_t count) = 0;
};

struct RunLimits {
  Duration time{60'000};
  std::size_t error_bytes = 8192;  // of standard error kept, the rest is read and dropped
};

struct RunOutcome {
  int status = 0;  // exit code, or 128 + signal
  std::string error_text;
};

/// Runs argv[0] (found by an absolute path or in the absolute entries of PATH) with the given "NAME=value" environment,
/// standard input from /dev/null, standard output into `sink`. Errors: not_found, refused (not
/// executable, output over the limit), failure (time over; the child's process group is killed).
Result<RunOutcome> run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                       OutputSink& sink, Clock& clock, RunLimits limits);

/// The absolute path of a program: as given where it has a slash, else from the absolute entries of `path`. Relative
/// and empty entries (the current directory) are never searched.
Result<std::string> find_program(const std::string& name, std::string_view path);

/// The name of the program that started this one, as the kernel has it (15 bytes); empty where it cannot be told.
std::string parent_name();

/// As execve takes them, null at the end; they point into `texts`.
std::vector<char*> exec_pointers(const std::vector<std::string>& texts);

}  // namespace base
