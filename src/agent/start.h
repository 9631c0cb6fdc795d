// Starts an agent: our own program, in the background, as nobody's child and without our environment's secrets.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace agent {

/// Returns when it is on its way; who wants to talk to it waits until it listens.
base::Result<void> start_in_background(const base::Environment& environment);

/// What an agent and its renewals may know of an environment: "NAME=value", of a fixed list of names.
std::vector<std::string> environment_of_agent(const base::Environment& environment);

}  // namespace agent
