// kabuto prompt: a segment for a shell's prompt. It is run before every command line, so it opens no file, loads no
// library and calls nobody.
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/prompt_segment.h"

#include <memory>

namespace cli {
namespace {

struct Options {
  std::string format{kPromptFormat};
  std::string shell = "plain";
};

}  // namespace

Action declare_prompt(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.option("--format", "FORMAT", options->format, "text with {profile}, {region}, {left}, {expires}");
  arguments.option("--shell", "SHELL", options->shell, "whose prompt: bash, zsh, fish, plain (no colours)");
  return [options](Context& context) -> base::Result<int> {
    const PromptShell shell = TRY(prompt_shell_of(options->shell));
    const std::string segment =
        TRY(prompt_segment(context.environment(), context.clock().now(), options->format, shell));
    if (!segment.empty()) TRY(context.output().answer(segment));
    return 0;
  };
}

}  // namespace cli
