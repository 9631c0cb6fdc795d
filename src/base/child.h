// Processes we have started, and their ends. What starts them: process.h, launch.h, deliver/own_program.h.
#pragma once

#include "base/file.h"

#include <sys/types.h>

#include <optional>

namespace base {

/// An end by a signal is told as a shell tells it: kBySignal + the signal's number.
constexpr int kBySignal = 128;

/// Waits for our child's end and reaps it: its exit code, or kBySignal + signal.
int wait_for_end(pid_t child);

/// The same where it has ended; nullopt while it runs.
std::optional<int> code_if_ended(pid_t child);

/// Readable once that process, which need not be our child, has ended. Not valid where the kernel gives none.
Descriptor open_pidfd(pid_t process);

}  // namespace base
