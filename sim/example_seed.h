// sim/example.json, compiled in so that `kabuto-sim run` works without a file.
#pragma once

#include <string_view>

namespace sim {

/// The example's text; a .cc made at build time defines it.
std::string_view example_seed();

}  // namespace sim
