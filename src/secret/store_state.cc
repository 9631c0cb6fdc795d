#include "secret/store_state.h"

#include "secret/cipher.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace secret {
namespace {

constexpr base::Duration kWriteLockWait{10'000};

}  // namespace

base::Result<base::FileLock> lock_for_writing(const Places& places, base::Clock& clock) {
  auto lock = base::FileLock::acquire(places.write_lock(), clock, clock.monotonic() + kWriteLockWait);
  if (!lock) return std::unexpected(base::with_context(lock.error(), "write the store"));
  return lock;
}

base::Result<void> refuse_existing(const Places& places) {
  struct stat facts{};
  if (lstat(places.store().c_str(), &facts) != 0 && errno == ENOENT) return {};
  return base::fail(base::ErrorKind::refused, "there is a store already at " + places.store(),
                    "run kabuto store status");
}

base::Result<void> put_journal_aside(const Places& places) {
  const std::string journal = places.store() + "-journal";
  struct stat facts{};
  if (lstat(journal.c_str(), &facts) != 0 && errno == ENOENT) return {};
  if (rename(journal.c_str(), (journal + ".aside-" + random_hex(4)).c_str()) != 0)
    return base::fail(base::ErrorKind::failure, "put " + journal + " aside: " + base::errno_text(errno));
  return {};
}

base::Result<void> Store::State::take(StoreRows fresh) {
  std::vector<Slot> parsed;
  bool chosen_exists = false;
  for (const auto& row : fresh.slots) {
    SlotHeader header = TRY(decode_slot(row.header, limits));
    if (header.id != row.id) return std::unexpected(damaged_store(places.store(), "a key slot has another's number"));
    chosen_exists = chosen_exists || row.id == fresh.chosen_slot;
    parsed.push_back({std::move(header), row.wrapped});
  }
  if (!chosen_exists) return std::unexpected(damaged_store(places.store(), "its key slot is missing"));
  rows = std::move(fresh);
  slots = std::move(parsed);
  return {};
}

base::Result<void> Store::State::load() {
  const auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::reading));
  StoreRows fresh = TRY(load_rows(*database));
  return take(std::move(fresh));
}

base::Result<void> Store::State::write(const std::function<base::Result<void>(StoreRows&)>& change) {
  StoreRows after;
  {
    auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::writing));
    const StoreRows before = TRY(load_rows(*database));
    after = before;
    TRY(change(after));
    TRY(save_rows(*database, before, after));
    TRY(transaction.commit());
  }
  return take(std::move(after));
}

const Slot* Store::State::find_slot(int id) const {
  const auto found = std::ranges::find_if(slots, [&](const Slot& slot) { return slot.header.id == id; });
  return found == slots.end() ? nullptr : &*found;
}

}  // namespace secret
