// The command that `kabuto-sim run` runs: started before the loop, reaped in it.
#pragma once

#include "base/result.h"

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace sim {

/// The signals that the loop reads and, but for CHLD, passes on; blocked in this process from now on.
sigset_t block_signals();

class Child {
 public:
  /// The program is searched on the PATH of `environment`. Signals are as they were before block_signals().
  static base::Result<Child> start(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                                   const sigset_t& blocked);
  void pass_on(int signal) const { ::kill(pid_, signal); }
  /// Its exit code, or 128 + signal, once it has ended.
  std::optional<int> ended() const;

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

}  // namespace sim
