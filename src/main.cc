// argv -> command table -> exit code; or, under the name of a tool that kabuto replaces, that name's own function. The
// only file that exits.
#include "base/clock.h"
#include "base/environment.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/prepare.h"
#include "names/names.h"

#include <span>

int main(int argc, char** argv) {
  cli::prepare_process();
  base::SystemClock clock;
  const auto environment = base::Environment::of_process();
  const std::span<const char* const> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (const auto* const name = names::called_as(argc > 0 ? argv[0] : ""))
    return name->run({argv[0], words, clock, environment});
  cli::StandardOutput output;
  cli::Context context(clock, environment, output);
  return cli::run(words, context);
}
