// Programs that are handed something and then left alone: a browser, a clipboard. No shell, no inherited descriptors,
// no signal state of ours, and only from places that nobody else can write.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace base {

/// As find_program, but nothing that another user (root apart) could have put there or could replace: the file, the
/// directory it is found in and those above. Errors: not_found, refused (found, but not safe).
Result<std::string> find_own_program(const std::string& name, std::string_view path);

/// For execve, both with null at the end; argv[0] is an absolute path.
struct Launch {
  char* const* argv;
  char* const* environment;
};

/// Starts it in a session of its own, with /dev/null as its descriptors. The caller waits for it to end (waitpid).
Result<pid_t> start(const Launch& launch);

/// Starts it in a session of its own, with /dev/null as its descriptors, and as nobody's child. Returns when it has
/// ended or `grace` has passed. Errors: failure, where it ended within `grace` with anything but 0.
Result<void> start_detached(const Launch& launch, Duration grace);

/// Runs it with `input` as its standard input and no output, to its end. A child that it leaves behind lives on.
/// SIGPIPE must be ignored by then. Errors: failure (another exit code than 0, time over; it is killed then).
Result<void> feed(const Launch& launch, std::span<const std::byte> input, Clock& clock, Duration time);

}  // namespace base
