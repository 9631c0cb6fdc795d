#include "cli/context.h"

namespace cli {

struct Context::Made {};

Context::Context(base::Clock& clock, const base::Environment& environment, Output& output)
    : clock_(clock), environment_(environment), output_(output), made_(std::make_unique<Made>()) {}

Context::~Context() = default;

void Context::debug(std::string_view text) {
  if (options_.verbose) output_.note(text);
}

}  // namespace cli
