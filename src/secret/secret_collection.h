// Collections of the Secret Service that other programs have made: which items lie in them, and one item's secret. It
// writes nothing, unlocks nothing, and opens no prompt of the desktop's.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <span>
#include <string>
#include <vector>

namespace secret {

struct CollectionItem {
  std::string collection;
  std::string label;
  bool locked = false;  // the collection is locked: then its items are not named
};

/// The items of the named collections; one entry without a label for one that is locked. unreachable: no service, or no
/// answer within 10 s.
base::Result<std::vector<CollectionItem>> list_collections(std::span<const std::string> names, base::Clock& clock);

/// The secret of the first item of that label. not_found; store_locked; unreachable.
base::Result<Bytes> read_collection_item(const std::string& collection, const std::string& label, base::Clock& clock);

}  // namespace secret
