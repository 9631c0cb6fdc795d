// IAM Roles Anywhere: the one call that matters, CreateSession, and its errors.
#pragma once

#include "rest.h"

#include <span>

namespace sim {

/// POST /sessions.
std::span<const RestRoute> roles_anywhere_routes();

}  // namespace sim
