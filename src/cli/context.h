// What a command may use, made on first use: nothing is opened for a command that does not ask for it.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "cli/output.h"

#include <memory>
#include <string>
#include <string_view>

namespace aws {
class Client;
class Jitter;
class Profiles;
}  // namespace aws
namespace credentials {
class Broker;
}
namespace http {
class Client;
struct ClientSettings;
}  // namespace http

namespace cli {

/// Options that every command takes.
struct CommonOptions {
  bool verbose = false;
  std::string passphrase_fd;  // as typed; empty: not given
};

class Context {
 public:
  Context(base::Clock& clock, const base::Environment& environment, Output& output);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  base::Clock& clock() { return clock_; }
  const base::Environment& environment() const { return environment_; }
  Output& output() { return output_; }
  CommonOptions& options() { return options_; }
  /// A line on standard error with --verbose, nothing without; never a secret.
  void debug(std::string_view text);

  /// AWS's files. The error is that of the first read.
  base::Result<const aws::Profiles*> profiles();

 private:
  struct Made;

  base::Clock& clock_;
  const base::Environment& environment_;
  Output& output_;
  CommonOptions options_;
  std::unique_ptr<Made> made_;
};

}  // namespace cli
