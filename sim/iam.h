// The actions of IAM that key rotation and profile checks need.
#pragma once

#include "call.h"

#include <span>

namespace sim {

std::span<const ActionEntry> iam_actions();

}  // namespace sim
