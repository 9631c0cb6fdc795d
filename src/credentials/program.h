// The programs that a config file may name: credential_process and mfa_process. No shell, bounded time and output, and
// only from a file that nobody else can write; what they print stays in locked memory.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <string>
#include <string_view>

namespace credentials {

struct ProgramCall {
  std::string_view setting;  // "credential_process"
  std::string_view profile;
  std::string_view command;
  std::string_view path;  // of the file that says so
  std::size_t most_bytes = std::size_t{1024} * 1024;
  base::Duration most_time{60'000};
};

/// Standard output of the program. Errors: refused (a file that others can write or that a relative path named, no such
/// program, too much output, a circle of programs), failure (exit code, time over).
base::Result<secret::Bytes> run_program(const ProgramCall& call, const base::Environment& environment,
                                        base::Clock& clock);

/// Refused where kabuto was started by the program of this very profile. To be asked before waiting for anybody: the
/// one who holds the turn may be the process that waits for us.
base::Result<void> check_no_circle(std::string_view profile, const base::Environment& environment);

}  // namespace credentials
