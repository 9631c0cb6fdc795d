// The access portal of Identity Center: which accounts and roles a signed-in person has, and their credentials.
#pragma once

#include "rest.h"

#include <span>

namespace sim {

std::span<const RestRoute> portal_routes();

}  // namespace sim
