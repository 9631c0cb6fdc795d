// The inside of a Store, shared by the files that implement it.
#pragma once

#include "base/file.h"
#include "secret/database.h"
#include "secret/names_index.h"
#include "secret/store.h"
#include "secret/store_rows.h"

#include <functional>
#include <memory>

namespace secret {

struct Store::State {
  Places places;
  KdfLimits limits;
  std::unique_ptr<Database> database;
  StoreRows rows;
  std::vector<Slot> slots;

  /// Reads everything from the file.
  base::Result<void> load();
  /// Lets `change` edit the rows as they are in the file now, and writes them: all or nothing.
  /// Through Store::write, which takes the lock and renews the names index.
  base::Result<void> write(const std::function<base::Result<void>(StoreRows&)>& change);
  const Slot* find_slot(int id) const;

 private:
  base::Result<void> take(StoreRows fresh);
};

/// Writers take turns; a SQLite lock alone would let the names index fall behind.
base::Result<base::FileLock> lock_for_writing(const Places& places, base::Clock& clock);

base::Result<void> refuse_existing(const Places& places);

/// A journal whose store is gone would be played into the next store of that name.
base::Result<void> put_journal_aside(const Places& places);

}  // namespace secret
