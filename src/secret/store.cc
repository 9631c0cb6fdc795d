#include "secret/store.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/cipher.h"
#include "secret/names_index.h"
#include "secret/store_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace secret {
namespace {

constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kStoreIdBytes = 16;

base::Result<void> check_name(const std::string& name) {
  if (name.empty() || name.size() > kLongestName || name.find_first_of(std::string_view("\r\n\0", 3)) != name.npos)
    return base::fail(base::ErrorKind::refused, "a name must have 1 to 1024 bytes and no line end or NUL");
  return {};
}

/// What a record's seal is bound to: everything else in its row, and the store.
std::string bound_text(const std::string& store_id, const RecordRow& row) {
  const std::string version = std::to_string(row.version);
  const std::string_view parts[] = {"kabuto record 1", store_id, row.kind, row.name, version, row.clear};
  return joined_with_lengths(parts);
}

const RecordRow* find_row(const StoreRows& rows, std::string_view kind, const std::string& name) {
  for (const auto& row : rows.records)
    if (row.kind == kind && row.name == name) return &row;
  return nullptr;
}

Record record_of(const RecordRow& row) {
  return {.kind = row.kind,
          .name = row.name,
          .version = row.version,
          .fields = decode_fields(row.clear).value_or(Fields{}),
          .has_secret = !row.sealed.empty()};
}

KeyRecord key_of(const Record& record) {
  const auto created = base::parse_integer(field(record.fields, "created")).value_or(0);
  return {.profile = record.name,
          .access_key_id = field(record.fields, "access_key_id"),
          .created = base::Instant(base::Duration(created)),
          .account_id = field(record.fields, "account_id"),
          .user_arn = field(record.fields, "user_arn")};
}

base::Error no_record(std::string_view kind, const std::string& name) {
  return {base::ErrorKind::not_found, fmt::format("the store has no {} named {}", kind, base::printable(name, 80)),
          "run kabuto list"};
}

}  // namespace

Changes& Changes::put_key(const KeyRecord& key, const Bytes& secret_access_key) {
  Fields fields{{"access_key_id", key.access_key_id},
                {"created", std::to_string(key.created.time_since_epoch().count())},
                {"account_id", key.account_id},
                {"user_arn", key.user_arn}};
  return put({.kind = std::string(kind::kKey), .name = key.profile, .fields = std::move(fields)}, secret_access_key);
}

Changes& Changes::put(Record record) {
  list_.push_back({.record = std::move(record), .secret = std::nullopt});
  return *this;
}

Changes& Changes::put(Record record, const Bytes& secret) {
  list_.push_back({.record = std::move(record), .secret = secret.clone()});
  return *this;
}

Changes& Changes::remove(std::string_view kind, const std::string& name) {
  list_.push_back(
      {.record = {.kind = std::string(kind), .name = name, .fields = {}}, .secret = std::nullopt, .removal = true});
  return *this;
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

base::Result<Store> Store::create(const Places& places, const SlotChoice& choice, Unlocker& unlocker) {
  TRY(base::ensure_private_directory(places.directory));
  TRY(refuse_existing(places));
  StoreRows rows;
  rows.store_id = random_hex(kStoreIdBytes);
  rows.created = unlocker.clock.now().time_since_epoch().count();
  rows.chosen_slot = 1;
  const Bytes data_key = random_key();
  const Slot slot = TRY(make_slot(choice, 1, rows.store_id, data_key, unlocker));
  rows.slots.push_back({.id = 1, .header = encode_slot(slot.header), .wrapped = slot.wrapped});
  const auto file = TRY(new_store_file(rows));
  {
    const auto lock = TRY(lock_for_writing(places, unlocker.clock));
    // Asking took a while: somebody may have made one in the meantime.
    TRY(refuse_existing(places));
    TRY(put_journal_aside(places));
    TRY(base::write_file_atomically(places.store(), std::span<const std::byte>(file)));
  }
  return open(places, unlocker.limits);
}

base::Result<Store> Store::open(const Places& places, const KdfLimits& limits) {
  const std::string path = places.store();
  TRY(check_store_header(path));
  TRY(base::ensure_private_directory(places.directory));
  TRY(base::check_only_owner_reads(path, "store"));
  auto state = std::make_unique<State>();
  state->places = places;
  state->limits = limits;
  state->database = TRY(Database::open(path, Database::Access::read_write));
  TRY(state->load());
  return Store(std::move(state));
}

const Places& Store::places() const { return state_->places; }
const std::string& Store::id() const { return state_->rows.store_id; }
base::Instant Store::created() const { return base::Instant(base::Duration(state_->rows.created)); }

std::vector<Record> Store::records(std::string_view kind) const {
  std::vector<Record> out;
  for (const auto& row : state_->rows.records)
    if (row.kind == kind) out.push_back(record_of(row));
  std::ranges::sort(out, {}, &Record::name);
  return out;
}

std::optional<Record> Store::record(std::string_view kind, const std::string& name) const {
  const RecordRow* row = find_row(state_->rows, kind, name);
  if (row == nullptr) return std::nullopt;
  return record_of(*row);
}

std::vector<KeyRecord> Store::keys() const {
  std::vector<KeyRecord> out;
  for (const auto& record : records(kind::kKey)) out.push_back(key_of(record));
  return out;
}

std::optional<KeyRecord> Store::key(const std::string& profile) const {
  const auto found = record(kind::kKey, profile);
  if (!found) return std::nullopt;
  return key_of(*found);
}

base::Result<Bytes> Store::secret_access_key(const DataKey& key, const std::string& profile) const {
  return secret_of(key, kind::kKey, profile);
}

base::Result<Bytes> Store::secret_of(const DataKey& key, std::string_view kind, const std::string& name) const {
  const RecordRow* row = find_row(state_->rows, kind, name);
  if (row == nullptr || row->sealed.empty()) return std::unexpected(no_record(kind, name));
  auto plain = open_sealed(key.key_, row->sealed, bound_text(id(), *row));
  if (!plain)
    return std::unexpected(damaged_store(state_->places.store(),
                                         fmt::format("the seal of {} {} is broken", kind, base::printable(name, 80))));
  return std::move(*plain);
}

base::Result<void> Store::apply(const Changes& changes, const DataKey* key) {
  for (const auto& change : changes.list_) {
    TRY(check_name(change.record.name));
    if (change.secret && key == nullptr)
      return base::fail(base::ErrorKind::store_locked, "the store must be unlocked to seal a secret");
  }
  return write([&](StoreRows& rows) -> base::Result<void> {
    std::int64_t last_id = 0;
    for (const auto& row : rows.records) last_id = std::max(last_id, row.id);
    for (const auto& change : changes.list_) {
      RecordRow row{.id = 0,
                    .kind = change.record.kind,
                    .name = change.record.name,
                    .version = 1,
                    .clear = encode_fields(change.record.fields),
                    .sealed = {}};
      if (const RecordRow* old = find_row(rows, row.kind, row.name)) {
        row.version = old->version + 1;
        std::erase_if(rows.records, [&](const RecordRow& other) { return other.id == old->id; });
      }
      if (change.removal) continue;
      row.id = ++last_id;
      if (change.secret) row.sealed = seal(key->key_, *change.secret, bound_text(rows.store_id, row));
      rows.records.push_back(std::move(row));
    }
    return {};
  });
}

base::Result<void> Store::write(const std::function<base::Result<void>(StoreRows&)>& change) {
  base::SystemClock clock;
  const auto lock = TRY(lock_for_writing(places(), clock));
  TRY(state_->write(change));
  if (const auto fingerprint = store_fingerprint(places())) write_names(places(), index_of(*this), *fingerprint);
  return {};
}

base::Result<std::size_t> Store::check(const DataKey& key) const {
  std::size_t opened = 0;
  for (const auto& row : state_->rows.records) {
    if (!decode_fields(row.clear))
      return std::unexpected(damaged_store(state_->places.store(), "the clear side of a record cannot be read"));
    if (row.sealed.empty()) continue;
    TRY(secret_of(key, row.kind, row.name));
    ++opened;
  }
  Statement statement = TRY(state_->database->prepare("PRAGMA integrity_check(1)"));
  TRY(statement.step());
  if (TRY(statement.text(0)) != "ok")
    return std::unexpected(damaged_store(state_->places.store(), "SQLite finds its pages inconsistent"));
  return opened;
}

}  // namespace secret
