// The watcher of `kabuto exec --warn`: a small process beside the command that says on its terminal when its
// credentials end. It is our own program started anew, so no copy of a secret is in its memory; what it says is cli/'s.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace deliver {

/// The hidden command that the watcher runs: kWatcherWord PROFILE EXPIRES PID.
constexpr std::string_view kWatcherWord = "watch-end";
// Its descriptors; 0 and 2 are closed.
constexpr int kWatcherTerminal = 1;  // opened for it alone, never blocks
constexpr int kWatcherCommand = 3;   // a pidfd of the command

/// Whether a person at a terminal would see a warning: a controlling terminal, and one of descriptors 0, 1, 2 is one.
bool has_terminal_to_warn_on();

/// Starts a watcher of this process, which is about to become the command, and returns when it runs. It is nobody's
/// child, so that the command has none, and ends with the command. Error: failure.
base::Result<void> start_end_watcher(const std::string& profile, base::Instant expires,
                                     const base::Environment& environment);

}  // namespace deliver
