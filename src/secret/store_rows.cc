#include "secret/store_rows.h"

#include "base/file.h"
#include "secret/digest.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>

namespace secret {
namespace {

constexpr std::uint32_t kApplicationId = 0x4B425354;  // "KBST"
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kHeaderSize = 100;
constexpr std::int64_t kLargestFile = 64 << 20;

constexpr const char* kSchema[][2] = {
    {"store",
     "CREATE TABLE store(id INTEGER PRIMARY KEY, store_id TEXT NOT NULL, created INTEGER NOT NULL, chosen_slot INTEGER "
     "NOT NULL, digest BLOB NOT NULL)"},
    {"slots", "CREATE TABLE slots(id INTEGER PRIMARY KEY, header TEXT NOT NULL, wrapped BLOB NOT NULL)"},
    {"records",
     "CREATE TABLE records(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, "
     "clear TEXT NOT NULL, sealed BLOB NOT NULL)"},
};

Hash digest_of(const StoreRows& rows) {
  Digest digest;
  const auto number = [&](std::int64_t value) { digest.add(std::to_string(value)); };
  digest.add("kabuto store 1").add(rows.store_id);
  number(rows.created);
  number(rows.chosen_slot);
  number(static_cast<std::int64_t>(rows.slots.size()));
  for (const auto& slot : rows.slots) {
    number(slot.id);
    digest.add(slot.header).add(slot.wrapped);
  }
  number(static_cast<std::int64_t>(rows.records.size()));
  for (const auto& record : rows.records) {
    number(record.id);
    digest.add(record.kind).add(record.name);
    number(record.version);
    digest.add(record.clear).add(record.sealed);
  }
  return digest.finish();
}

/// Anything else in the schema (a trigger, a view, another column) was not made by us.
base::Result<void> check_schema(const Database& database) {
  Statement statement = TRY(database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema"));
  std::set<std::string> seen;
  while (TRY(statement.step()) == Statement::Step::row) {
    const std::string type = TRY(statement.text(0));
    const std::string name = TRY(statement.text(1));
    const std::string table = TRY(statement.text(2));
    const std::string sql = TRY(statement.text(3));
    const auto known = std::ranges::any_of(kSchema, [&](const auto& row) { return name == row[0] && sql == row[1]; });
    if (!known || type != "table" || table != name || !seen.insert(name).second)
      return std::unexpected(damaged_store(database.path(), "its schema is not ours"));
  }
  if (seen.size() != std::size(kSchema)) return std::unexpected(damaged_store(database.path(), "a table is missing"));
  return {};
}

base::Result<void> insert(const Database& database, const SlotRow& slot) {
  Statement statement = TRY(database.prepare("INSERT INTO slots VALUES(?,?,?)"));
  return statement.bind(slot.id).bind(slot.header).bind(slot.wrapped).run();
}

base::Result<void> insert(const Database& database, const RecordRow& record) {
  Statement statement = TRY(database.prepare("INSERT INTO records VALUES(?,?,?,?,?,?)"));
  return statement.bind(record.id)
      .bind(record.kind)
      .bind(record.name)
      .bind(record.version)
      .bind(record.clear)
      .bind(record.sealed)
      .run();
}

base::Result<void> insert_store(const Database& database, const StoreRows& rows) {
  const Hash digest = digest_of(rows);
  Statement statement = TRY(database.prepare("INSERT OR REPLACE INTO store VALUES(1,?,?,?,?)"));
  return statement.bind(rows.store_id)
      .bind(rows.created)
      .bind(rows.chosen_slot)
      .bind(std::span<const std::byte>(digest))
      .run();
}

template <class Row>
base::Result<void> save_difference(const Database& database, std::string_view remove, const std::vector<Row>& before,
                                   const std::vector<Row>& after) {
  for (const auto& row : before) {
    if (std::ranges::find(after, row) != after.end()) continue;
    Statement statement = TRY(database.prepare(remove));
    TRY(statement.bind(row.id).run());
  }
  for (const auto& row : after)
    if (std::ranges::find(before, row) == before.end()) TRY(insert(database, row));
  return {};
}

std::uint32_t big_endian(const unsigned char* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

}  // namespace

base::Result<void> check_store_header(const std::string& path) {
  const base::Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR))
    return base::fail(base::ErrorKind::not_found, "there is no store at " + path, "run kabuto store init");
  if (!fd.valid())
    return base::fail(base::ErrorKind::failure, "open the store " + path + ": " + base::errno_text(errno));
  std::array<unsigned char, kHeaderSize> header{};
  const ssize_t size = pread(fd.get(), header.data(), header.size(), 0);
  if (size < 0) return base::fail(base::ErrorKind::failure, "read the store " + path + ": " + base::errno_text(errno));
  if (size != static_cast<ssize_t>(header.size())) return std::unexpected(damaged_store(path, "it is cut off"));
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0)
    return std::unexpected(damaged_store(path, "it does not begin as a store does"));
  const std::uint32_t version = big_endian(header.data() + 60);
  if (big_endian(header.data() + 68) != kApplicationId)
    return std::unexpected(damaged_store(path, "it is not a store of kabuto"));
  // A single flipped bit gives a number far off; what a later kabuto writes is near.
  if (version > kFormatVersion && version <= kFormatVersion + 100)
    return base::fail(base::ErrorKind::store_damaged,
                      "the store " + path + " is of format version " + std::to_string(version) +
                          ", this kabuto knows version " + std::to_string(kFormatVersion),
                      "update kabuto");
  // Page size 4096; rollback journal (a 2 would switch SQLite to another journal); no reserved bytes; UTF-8.
  const bool ours = version == kFormatVersion && header[16] == 0x10 && header[17] == 0 && header[18] == 1 &&
                    header[19] == 1 && header[20] == 0 && header[21] == 64 && header[22] == 32 && header[23] == 32 &&
                    big_endian(header.data() + 52) == 0 && big_endian(header.data() + 56) == 1 &&
                    big_endian(header.data() + 64) == 0;
  if (!ours) return std::unexpected(damaged_store(path, "its header is not one that kabuto writes"));
  if (lseek(fd.get(), 0, SEEK_END) > kLargestFile) return std::unexpected(damaged_store(path, "it is too large"));
  return {};
}

base::Result<std::vector<std::byte>> new_store_file(const StoreRows& rows) {
  const auto database = TRY(Database::in_memory());
  TRY(database->execute("PRAGMA page_size=4096; PRAGMA encoding='UTF-8'; PRAGMA auto_vacuum=NONE;"));
  const std::string numbers = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                              "; PRAGMA user_version=" + std::to_string(kFormatVersion);
  TRY(database->execute(numbers.c_str()));
  for (const auto& table : kSchema) TRY(database->execute(table[1]));
  TRY(insert_store(*database, rows));
  for (const auto& slot : rows.slots) TRY(insert(*database, slot));
  for (const auto& record : rows.records) TRY(insert(*database, record));
  return database->serialize();
}

base::Result<StoreRows> load_rows(const Database& database) {
  TRY(check_schema(database));
  StoreRows rows;
  std::vector<std::byte> digest;
  Statement store = TRY(database.prepare("SELECT store_id, created, chosen_slot, digest FROM store"));
  int count = 0;
  for (; TRY(store.step()) == Statement::Step::row; ++count) {
    rows.store_id = TRY(store.text(0));
    rows.created = TRY(store.integer(1));
    rows.chosen_slot = TRY(store.integer(2));
    digest = TRY(store.blob(3));
  }
  if (count != 1) return std::unexpected(damaged_store(database.path(), "its first row is missing"));
  Statement slots = TRY(database.prepare("SELECT id, header, wrapped FROM slots ORDER BY id"));
  while (TRY(slots.step()) == Statement::Step::row) {
    SlotRow row;
    row.id = TRY(slots.integer(0));
    row.header = TRY(slots.text(1));
    row.wrapped = TRY(slots.blob(2));
    rows.slots.push_back(std::move(row));
  }
  Statement records = TRY(database.prepare("SELECT id, kind, name, version, clear, sealed FROM records ORDER BY id"));
  while (TRY(records.step()) == Statement::Step::row) {
    RecordRow row;
    row.id = TRY(records.integer(0));
    row.kind = TRY(records.text(1));
    row.name = TRY(records.text(2));
    row.version = TRY(records.integer(3));
    row.clear = TRY(records.text(4));
    row.sealed = TRY(records.blob(5));
    rows.records.push_back(std::move(row));
  }
  const Hash expected = digest_of(rows);
  if (!std::ranges::equal(expected, digest))
    return std::unexpected(damaged_store(database.path(), "its digest is not that of its contents"));
  return rows;
}

base::Result<void> save_rows(Database& database, const StoreRows& before, const StoreRows& after) {
  TRY(save_difference(database, "DELETE FROM slots WHERE id=?", before.slots, after.slots));
  TRY(save_difference(database, "DELETE FROM records WHERE id=?", before.records, after.records));
  TRY(insert_store(database, after));
  // A damage that reading did not see (the list of free pages) may have led the write onto a page in use.
  const StoreRows written = TRY(load_rows(database));
  const Hash wanted = digest_of(after);
  const Hash got = digest_of(written);
  if (wanted != got) return std::unexpected(damaged_store(database.path(), "what was written does not read back"));
  return {};
}

}  // namespace secret
