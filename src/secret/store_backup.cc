// Backup and restore: whole files, checked before they are trusted, written atomically.
#include "base/text.h"
#include "secret/store_state.h"

#include <sys/stat.h>

#include <cerrno>

namespace secret {
namespace {

constexpr std::size_t kLargestStore = 64 << 20;

}  // namespace

base::Result<void> Store::backup(const std::string& path) const {
  struct stat target{};
  struct stat store{};
  if (stat(path.c_str(), &target) == 0 && stat(state_->places.store().c_str(), &store) == 0 &&
      target.st_dev == store.st_dev && target.st_ino == store.st_ino)
    return base::fail(base::ErrorKind::refused, "the backup would replace the store itself");
  const auto header = check_store_header(path);
  const bool is_other = !header && header.error().kind != base::ErrorKind::not_found && target.st_size > 0;
  if (is_other)
    return base::fail(base::ErrorKind::refused, path + " is not an older backup, so it is not replaced",
                      "give another FILE");
  const auto transaction = TRY(Transaction::begin(*state_->database, Transaction::Kind::reading));
  // Reads everything first: a backup of a damaged store is no backup. The transaction holds writers off.
  TRY(load_rows(*state_->database));
  const auto bytes = TRY(state_->database->serialize());
  return base::write_file_atomically(path, std::span<const std::byte>(bytes));
}

base::Result<std::optional<std::string>> Store::restore(const Places& places, const std::string& backup,
                                                        base::Clock& clock, const KdfLimits& limits) {
  auto header = check_store_header(backup);
  if (!header && header.error().kind == base::ErrorKind::not_found)
    return base::fail(base::ErrorKind::not_found, "there is no backup at " + backup);
  TRY(std::move(header));
  const auto database = TRY(Database::open(backup, Database::Access::read_only));
  std::vector<std::byte> bytes;
  {
    const auto transaction = TRY(Transaction::begin(*database, Transaction::Kind::reading));
    const StoreRows rows = TRY(load_rows(*database));
    for (const auto& slot : rows.slots) TRY(decode_slot(slot.header, limits));
    bytes = TRY(database->serialize());
  }
  TRY(base::ensure_private_directory(places.directory));
  const auto lock = TRY(lock_for_writing(places, clock));
  // A write that was cut off is finished or undone first, so that what is kept aside is whole; a damaged store is kept
  // as it is.
  (void)open(places, limits);
  std::optional<std::string> aside;
  std::optional<std::string> old = TRY(base::read_file(places.store(), kLargestStore));
  if (old) {
    aside = places.store() + ".replaced-" + base::basic_iso8601(clock.now());
    TRY(base::write_file_atomically(*aside, *old));
  }
  TRY(put_journal_aside(places));
  TRY(base::write_file_atomically(places.store(), std::span<const std::byte>(bytes)));
  const auto fingerprint = store_fingerprint(places);
  const auto restored = open(places, limits);
  if (fingerprint && restored) write_names(places, index_of(*restored), *fingerprint);
  return aside;
}

}  // namespace secret
