// SQLite, as far as the store needs it: open, statements, transactions, serialize. The only file pair that sees
// sqlite3.h. A damaged file is store_damaged, a busy one store_locked, everything else names the file.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace secret {

class Database;

class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(std::span<const std::byte> blob);

  enum class Step { row, done };
  base::Result<Step> step();
  /// Runs to the end.
  base::Result<void> run();

  /// Of the current row. store_damaged where the stored type is another: SQLite converts silently.
  base::Result<std::int64_t> integer(int column) const;
  base::Result<std::string> text(int column) const;
  base::Result<std::vector<std::byte>> blob(int column) const;

 private:
  friend class Database;
  Statement(const Database& database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  const Database& database_;
  sqlite3_stmt* statement_;
  int next_ = 1;
};

class Database {
 public:
  enum class Access { read_only, read_write };
  /// An existing file; never creates one.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, Access access);
  /// A new database in memory, to be serialized.
  static base::Result<std::unique_ptr<Database>> in_memory();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  base::Result<void> execute(const char* sql);
  base::Result<Statement> prepare(std::string_view sql) const;
  /// The whole database as the bytes of a file.
  base::Result<std::vector<std::byte>> serialize() const;

  base::Error error(int code) const;
  const std::string& path() const { return path_; }

 private:
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  std::string path_;
  sqlite3* handle_;
};

/// Rolls back at the end of its scope unless committed.
class Transaction {
 public:
  enum class Kind { reading, writing };
  static base::Result<Transaction> begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  base::Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

base::Error damaged_store(const std::string& path, std::string_view why);

}  // namespace secret
