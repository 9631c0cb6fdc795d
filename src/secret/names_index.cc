#include "secret/names_index.h"

#include "base/file.h"
#include "secret/fields.h"
#include "secret/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace secret {
namespace {

constexpr std::size_t kLargestIndex = 4 << 20;
constexpr std::size_t kHeaderSize = 100;        // of a SQLite file
constexpr std::size_t kChangeCounterAt = 24;    // big-endian, counted up by every transaction
constexpr const char* kSerialField = "serial";  // of a remembered MFA device
constexpr std::string_view kFirstLine = "kabuto names 1\n";

}  // namespace

// SQLite's own counter, and the file system's facts, which also change when another file is put in its place.
std::optional<std::string> store_fingerprint(const Places& places) {
  const base::Descriptor fd(open(places.store().c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat facts{};
  std::array<unsigned char, kHeaderSize> header{};
  if (!fd.valid() || fstat(fd.get(), &facts) != 0) return std::nullopt;
  if (pread(fd.get(), header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) return "short";
  const auto* counter = header.data() + kChangeCounterAt;
  return fmt::format("{:02x}{:02x}{:02x}{:02x} {} {} {}.{:09}", counter[0], counter[1], counter[2], counter[3],
                     facts.st_size, facts.st_ino, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

const SealedName* NamesIndex::find(std::string_view profile) const {
  for (const auto& key : keys)
    if (key.profile == profile) return &key;
  return nullptr;
}

std::string NamesIndex::mfa_serial(std::string_view profile) const {
  for (const auto& device : devices)
    if (device.profile == profile) return device.serial;
  return "";
}

NamesIndex index_of(const Store& store) {
  NamesIndex index{.store_id = store.id(), .keys = {}, .devices = {}};
  for (const auto& key : store.keys()) index.keys.push_back({key.profile, key.access_key_id});
  for (const auto& device : store.records(kind::kMfaDevice))
    index.devices.push_back({device.name, field(device.fields, kSerialField)});
  return index;
}

base::Result<std::optional<NamesIndex>> read_names(const Places& places) {
  const auto now = store_fingerprint(places);
  if (!now) {
    struct stat facts{};
    if (stat(places.store().c_str(), &facts) != 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  }
  const auto text = base::read_file(places.names(), kLargestIndex);
  if (now && text && *text && (*text)->starts_with(kFirstLine)) {
    const auto fields = decode_fields(std::string_view(**text).substr(kFirstLine.size()));
    if (fields && field(*fields, "file") == *now) {
      NamesIndex index{.store_id = field(*fields, "store"), .keys = {}, .devices = {}};
      for (const auto& [key, value] : *fields) {
        if (key.starts_with("key ")) index.keys.push_back({key.substr(4), value});
        if (key.starts_with("mfa ")) index.devices.push_back({key.substr(4), value});
      }
      return index;
    }
  }
  const Store store = TRY(Store::open(places));
  NamesIndex index = index_of(store);
  if (now) write_names(places, index, *now);
  return index;
}

void write_names(const Places& places, const NamesIndex& index, const std::string& fingerprint) {
  Fields fields{{"file", fingerprint}, {"store", index.store_id}};
  for (const auto& key : index.keys) fields.emplace("key " + key.profile, key.access_key_id);
  for (const auto& device : index.devices) fields.emplace("mfa " + device.profile, device.serial);
  // A lost index costs the next reader an open of the store, nothing more.
  (void)base::write_file_atomically(places.names(), std::string(kFirstLine) + encode_fields(fields));
}

}  // namespace secret
