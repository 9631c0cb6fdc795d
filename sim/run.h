// kabuto-sim run and serve: the simulator around a command, in a private HOME, or alone.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sim {

struct RunOptions {
  std::string seed_path;  // empty: the example
  std::string log_path;
  std::vector<std::string> faults;
  std::vector<std::string> without;
  std::uint16_t port = 0;
  enum class Reach { endpoints, proxy } reach = Reach::endpoints;
  std::vector<std::string> command;  // run only
};

/// Runs the command with the simulator beside it; returns its exit code (128+n by signal, 127 not found, 126 not
/// executable).
base::Result<int> run_command(const RunOptions& options, const base::Environment& environment);
/// Prints the URL and serves until INT, TERM or HUP.
base::Result<int> serve(const RunOptions& options);

}  // namespace sim
