// Carries an import out: keys are sealed, read back, and only then taken out of the files where they lay in clear. Cut
// short anywhere, it has lost nothing, and the next run goes on.
#pragma once

#include "base/result.h"
#include "peers/finding.h"
#include "peers/import_plan.h"

#include <functional>
#include <string>

namespace secret {
class Store;
}

namespace cli {

class Context;

struct ImportDone {
  peers::ImportPlan plan;  // with what was learned from the keys that had to be opened
  std::string backup;      // names the record; empty: no file was changed
};

/// Whoever lacks a store is offered one by `store`.
base::Result<ImportDone> apply_import(Context& context, peers::Findings findings, const peers::Surroundings& around,
                                      const peers::ImportOptions& options,
                                      const std::function<base::Result<secret::Store*>()>& store);

}  // namespace cli
