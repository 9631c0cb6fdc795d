// The cached sessions that began with one profile's sealed key: its own, and those of the roles reached from it.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string_view>

namespace cli {

class Context;

/// Forgets them; the number forgotten. They stay valid at AWS for programs that hold them.
base::Result<std::size_t> forget_sessions_of_key(Context& context, std::string_view profile);

}  // namespace cli
