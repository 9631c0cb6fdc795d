// argv -> command table -> exit code. The only file that exits.
#include "base/clock.h"
#include "base/environment.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/prepare.h"

int main(int argc, char** argv) {
  cli::prepare_process();
  base::SystemClock clock;
  const auto environment = base::Environment::of_process();
  cli::StandardOutput output;
  cli::Context context(clock, environment, output);
  return cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}, context);
}
