// Keeps a temporary profile fresh for as long as a command runs or until it is told to stop: renews ahead of the end,
// in a process without a terminal, so that nobody is asked behind a command's back.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "deliver/lease.h"
#include "deliver/temporary_profile.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// What it has to say to people, each once until a renewal works.
struct KeeperNotes {
  std::function<void(const base::Error&)> error;
  std::function<void(std::string_view)> warning;
};

/// Returns when `ends` is readable. `lease` is what the profile holds now; `renewal` the name and the words that
/// fetch it anew.
void keep_profile(TemporaryProfile& profile, Lease lease, const std::vector<std::string>& renewal,
                  const std::string& region, int ends, base::Clock& clock, const base::Environment& environment,
                  const KeeperNotes& notes);

}  // namespace deliver
