#include "secret/database.h"

#include "base/text.h"

#include <sqlite3.h>

#include <utility>

namespace secret {
namespace {

constexpr int kBusyMilliseconds = 10'000;

// trusted_schema and defensive: a schema that somebody has edited must not run functions or write to itself.
// synchronous=EXTRA: the directory is synced after the journal is gone, so that a commit is a commit after a power cut.
constexpr const char* kSetUp =
    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON;"
    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;";

}  // namespace

base::Error damaged_store(const std::string& path, std::string_view why) {
  return {base::ErrorKind::store_damaged, "the store " + path + " is damaged: " + std::string(why),
          "run kabuto store restore FILE with a backup"};
}

base::Error Database::error(int code) const {
  const std::string text = base::printable(sqlite3_errmsg(handle_));
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {base::ErrorKind::store_locked, "another process is writing the store " + path_, "try again"};
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_NOLFS:
    case SQLITE_INTERRUPT:
      return {base::ErrorKind::failure, "the store " + path_ + ": " + text, {}};
    default:
      return damaged_store(path_, text);
  }
}

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access) {
  sqlite3* handle = nullptr;
  const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_PRIVATECACHE, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return std::unexpected(database->error(code));
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  TRY(database->execute(kSetUp));
  return database;
}

base::Result<std::unique_ptr<Database>> Database::in_memory() {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<Database> database(new Database("(new)", handle));
  if (code != SQLITE_OK) return std::unexpected(database->error(code));
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

base::Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return Statement(*this, statement);
}

base::Result<std::vector<std::byte>> Database::serialize() const {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, void (*)(void*)> bytes(sqlite3_serialize(handle_, "main", &size, 0),
                                                              sqlite3_free);
  if (!bytes || size <= 0) return base::fail(base::ErrorKind::failure, "the store " + path_ + " cannot be copied");
  const auto* first = reinterpret_cast<const std::byte*>(bytes.get());
  return std::vector<std::byte>(first, first + size);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)), next_(other.next_) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text64(statement_, next_++, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(std::span<const std::byte> blob) {
  // An empty blob is not NULL.
  if (blob.empty())
    sqlite3_bind_zeroblob(statement_, next_++, 0);
  else
    sqlite3_bind_blob64(statement_, next_++, blob.data(), blob.size(), SQLITE_TRANSIENT);
  return *this;
}

base::Result<Statement::Step> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return Step::row;
  if (code == SQLITE_DONE) return Step::done;
  return std::unexpected(database_.error(code));
}

base::Result<void> Statement::run() {
  while (TRY(step()) == Step::row) {
  }
  return {};
}

base::Result<std::int64_t> Statement::integer(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_INTEGER)
    return std::unexpected(damaged_store(database_.path(), "a column has a wrong type"));
  return sqlite3_column_int64(statement_, column);
}

base::Result<std::string> Statement::text(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_TEXT)
    return std::unexpected(damaged_store(database_.path(), "a column has a wrong type"));
  const auto* first = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return std::string(first, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

base::Result<std::vector<std::byte>> Statement::blob(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_BLOB)
    return std::unexpected(damaged_store(database_.path(), "a column has a wrong type"));
  const auto* first = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  return std::vector<std::byte>(first, first + sqlite3_column_bytes(statement_, column));
}

base::Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  TRY(database.execute(kind == Kind::writing ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

base::Result<void> Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace secret
