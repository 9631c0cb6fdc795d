// The edits of AWS's files that carry out an import: keys out of them, and into them what keeps the profiles usable.
// Pure; config_writer.h makes them.
#pragma once

#include "aws/config_writer.h"
#include "peers/import_plan.h"

#include <vector>

namespace peers {

std::vector<aws::Edit> edits_for(const aws::ConfigFile& file, const ImportPlan& plan, const Findings& findings,
                                 const Surroundings& around);

}  // namespace peers
