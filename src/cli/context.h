// What a command may use, made on first use: nothing is opened for a command that does not ask for it.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "cli/output.h"

namespace cli {

class Context {
 public:
  Context(base::Clock& clock, const base::Environment& environment, Output& output)
      : clock_(clock), environment_(environment), output_(output) {}

  base::Clock& clock() { return clock_; }
  const base::Environment& environment() const { return environment_; }
  Output& output() { return output_; }

 private:
  base::Clock& clock_;
  const base::Environment& environment_;
  Output& output_;
};

}  // namespace cli
