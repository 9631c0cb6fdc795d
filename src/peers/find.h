// Where each tool keeps what it keeps, and one look at all of it. Nothing is opened that is sealed, nobody is asked.
#pragma once

#include "aws/profile.h"
#include "base/clock.h"
#include "base/environment.h"
#include "peers/finding.h"
#include "secret/prompt.h"

#include <set>

namespace peers {

struct Machine {
  const base::Environment& environment;
  base::Clock& clock;
  secret::Prompt& prompt;  // asked only by FoundKey::open
};

/// What the named tools keep; of all where `sources` is empty. `files` and the machine must outlive the findings.
Findings find_all(const Machine& machine, const aws::Profiles& files, const std::set<Source>& sources);

}  // namespace peers
