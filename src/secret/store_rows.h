// The rows of the store's file: read whole, checked whole (schema, header, a digest over everything), written as the
// difference of two states. It knows the file's format and nothing of keys.
#pragma once

#include "base/result.h"
#include "secret/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace secret {

struct SlotRow {
  std::int64_t id = 0;
  std::string header;  // encode_slot
  std::vector<std::byte> wrapped;
  bool operator==(const SlotRow&) const = default;
};

struct RecordRow {
  std::int64_t id = 0;
  std::string kind;
  std::string name;
  std::int64_t version = 0;
  std::string clear;              // encode_fields
  std::vector<std::byte> sealed;  // empty: nothing secret
  bool operator==(const RecordRow&) const = default;
};

struct StoreRows {
  std::string store_id;
  std::int64_t created = 0;  // milliseconds since 1970
  std::int64_t chosen_slot = 0;
  std::vector<SlotRow> slots;      // by id
  std::vector<RecordRow> records;  // by id
};

/// Checks the first bytes of a store's file before SQLite sees it: not_found, store_damaged, or of a future version.
base::Result<void> check_store_header(const std::string& path);

/// The bytes of a new store's file.
base::Result<std::vector<std::byte>> new_store_file(const StoreRows& rows);

/// Everything, or store_damaged.
base::Result<StoreRows> load_rows(const Database& database);

/// Inside a writing transaction: writes what differs, reads everything back and compares.
base::Result<void> save_rows(Database& database, const StoreRows& before, const StoreRows& after);

}  // namespace secret
