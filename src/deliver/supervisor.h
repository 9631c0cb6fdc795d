// A command beside a server of ours: it runs as our child, gets our signals, and its end is the server's. Without a
// command the signals end the server themselves.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "deliver/environment.h"
#include "deliver/exec.h"

#include <sys/types.h>

#include <atomic>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace deliver {

class Supervisor {
 public:
  /// Holds INT, TERM, HUP, QUIT and CHLD back from here on, in this thread and those it starts; no thread may run yet.
  /// Error: failure (no descriptor).
  static base::Result<Supervisor> open();
  Supervisor(Supervisor&&) noexcept;
  Supervisor& operator=(Supervisor&&) = delete;
  ~Supervisor();

  /// Starts the command, found and prepared as exec does it; the error is exec's. Forks, so before any thread.
  std::expected<void, ExecFailure> start(const std::vector<std::string>& argv, const EnvironmentBlock& environment);
  /// Begins to pass signals on.
  void watch();
  /// Readable when the command has ended or, without one, a signal has come.
  int stop_fd() const;
  /// The command's exit code, 128+n where a signal ended it; 0 without a command. Good when stop_fd() is readable.
  int exit_code() const;

 private:
  struct State;
  explicit Supervisor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace deliver
