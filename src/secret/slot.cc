#include "secret/slot.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/cipher.h"
#include "secret/digest.h"
#include "secret/fields.h"
#include "secret/kdf.h"
#include "secret/read_secret.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

namespace secret {
namespace {

constexpr std::size_t kLargestKeyFile = 4096;
constexpr std::size_t kSmallestKeyFile = 32;
constexpr std::size_t kLargestHeader = 8192;

base::Error damaged(std::string_view why) {
  return {base::ErrorKind::store_damaged, "a key slot of the store is damaged: " + std::string(why),
          "run kabuto store restore FILE with a backup"};
}

std::string bound_text(const SlotHeader& header, const std::string& store_id) {
  const std::string clear = encode_slot(header);
  const std::string_view parts[] = {"kabuto slot 1", store_id, clear};
  return joined_with_lengths(parts);
}

/// Fewer than 32 bytes, or a short text somebody typed, is no key.
base::Result<Bytes> key_of_file(const std::string& path) {
  const Bytes file = TRY(read_secret_file(path, kLargestKeyFile, "key file"));
  if (file.size() < kSmallestKeyFile)
    return base::fail(base::ErrorKind::refused,
                      fmt::format("the key file {} is shorter than {} bytes", path, kSmallestKeyFile));
  return Digest().add("kabuto key file 1").add_secret(file).finish_secret();
}

base::Result<void> make_key_file(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != 0 && slash != std::string::npos) TRY(base::ensure_private_directory(path.substr(0, slash)));
  const Bytes key = random_key();
  Bytes text(key.size() * 2 + 1);
  key.reveal([&](std::span<const std::byte> from) {
    text.edit([&](std::span<std::byte> to) {
      sodium_bin2hex(reinterpret_cast<char*>(to.data()), to.size(), reinterpret_cast<const unsigned char*>(from.data()),
                     from.size());
      to.back() = std::byte{'\n'};
    });
  });
  return text.reveal([&](std::span<const std::byte> bytes) { return base::write_file_atomically(path, bytes); });
}

std::string text_of_number(std::uint64_t number) { return std::to_string(number); }

std::optional<std::uint64_t> number_of(const Fields& fields, const std::string& key) {
  const auto value = base::parse_integer(field(fields, key));
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

/// The key that wraps the data key in a slot that exists.
base::Result<Bytes> wrapping_key(const SlotHeader& header, const std::string& store_id, Unlocker& unlocker) {
  switch (header.kind) {
    case SlotKind::passphrase: {
      const Bytes passphrase = TRY(unlocker.asker.passphrase(Wanted::current));
      return derive(passphrase, header.salt, header.cost, unlocker.limits);
    }
    case SlotKind::key_file:
      return key_of_file(header.key_file);
    case SlotKind::secret_service: {
      std::optional<Bytes> key = TRY(unlocker.secret_service.find(store_id));
      if (!key)
        return base::fail(base::ErrorKind::store_locked, "the Secret Service has no key for this store",
                          "open the keyring it was made in, or run kabuto store restore FILE");
      return std::move(*key);
    }
  }
  return std::unexpected(damaged("its kind is unknown"));
}

/// As wrapping_key, for a slot that is being made: fills the header too.
base::Result<Bytes> fresh_wrapping_key(SlotHeader& header, const std::string& store_id, Unlocker& unlocker) {
  switch (header.kind) {
    case SlotKind::passphrase: {
      TRY(unlocker.asker.ready());
      const Bytes passphrase = TRY(unlocker.asker.passphrase(Wanted::fresh));
      header.cost = TRY(measured_cost(unlocker.limits, unlocker.clock));
      header.salt = new_salt();
      return derive(passphrase, header.salt, header.cost, unlocker.limits);
    }
    case SlotKind::key_file: {
      if (!header.key_file.starts_with('/'))
        return base::fail(base::ErrorKind::usage, "the key file needs an absolute path");
      struct stat facts{};
      if (stat(header.key_file.c_str(), &facts) != 0) TRY(make_key_file(header.key_file));
      return key_of_file(header.key_file);
    }
    case SlotKind::secret_service: {
      Bytes key = random_key();
      TRY(unlocker.secret_service.put(store_id, key));
      return key;
    }
  }
  return std::unexpected(damaged("its kind is unknown"));
}

}  // namespace

std::string_view name_of(SlotKind kind) {
  switch (kind) {
    case SlotKind::passphrase:
      return "passphrase";
    case SlotKind::key_file:
      return "keyfile";
    case SlotKind::secret_service:
      return "secret-service";
  }
  return "";
}

std::optional<SlotKind> slot_kind(std::string_view name) {
  for (const auto kind : {SlotKind::passphrase, SlotKind::key_file, SlotKind::secret_service})
    if (name == name_of(kind)) return kind;
  return std::nullopt;
}

std::string encode_slot(const SlotHeader& header) {
  Fields fields{{"id", std::to_string(header.id)},
                {"kind", std::string(name_of(header.kind))},
                {"created", std::to_string(header.created.time_since_epoch().count())}};
  if (header.kind == SlotKind::passphrase) {
    fields.emplace("algorithm", "argon2id13");
    fields.emplace("salt", header.salt);
    fields.emplace("memory", text_of_number(header.cost.memory));
    fields.emplace("passes", text_of_number(header.cost.passes));
  }
  if (header.kind == SlotKind::key_file) fields.emplace("file", header.key_file);
  return encode_fields(fields);
}

base::Result<SlotHeader> decode_slot(std::string_view text, const KdfLimits& limits) {
  if (text.size() > kLargestHeader) return std::unexpected(damaged("its header is too long"));
  const auto fields = decode_fields(text);
  if (!fields) return std::unexpected(damaged("its header cannot be read"));
  const auto kind = slot_kind(field(*fields, "kind"));
  const auto id = number_of(*fields, "id");
  const auto created = base::parse_integer(field(*fields, "created"));
  if (!kind || !id || *id > 1'000'000 || !created) return std::unexpected(damaged("its header cannot be read"));
  SlotHeader header;
  header.id = static_cast<int>(*id);
  header.kind = *kind;
  header.created = base::Instant(base::Duration(*created));
  if (header.kind == SlotKind::passphrase) {
    header.salt = field(*fields, "salt");
    header.cost = {number_of(*fields, "memory").value_or(0), number_of(*fields, "passes").value_or(0)};
    if (!allowed(header.cost, limits)) return std::unexpected(damaged("its Argon2 cost is outside the limits"));
  }
  if (header.kind == SlotKind::key_file) {
    header.key_file = field(*fields, "file");
    if (!header.key_file.starts_with('/')) return std::unexpected(damaged("its key file has no absolute path"));
  }
  if (encode_slot(header) != text) return std::unexpected(damaged("its header cannot be read"));
  return header;
}

base::Result<Slot> make_slot(const SlotChoice& choice, int id, const std::string& store_id, const Bytes& data_key,
                             Unlocker& unlocker) {
  Slot slot;
  slot.header.id = id;
  slot.header.kind = choice.kind;
  slot.header.created = unlocker.clock.now();
  slot.header.key_file = choice.kind == SlotKind::key_file ? choice.key_file : std::string();
  const Bytes key = TRY(fresh_wrapping_key(slot.header, store_id, unlocker));
  slot.wrapped = seal(key, data_key, bound_text(slot.header, store_id));
  return slot;
}

base::Result<Bytes> open_slot(const Slot& slot, const std::string& store_id, Unlocker& unlocker) {
  const Bytes key = TRY(wrapping_key(slot.header, store_id, unlocker));
  auto data_key = open_sealed(key, slot.wrapped, bound_text(slot.header, store_id));
  if (data_key && data_key->size() == kKeySize) return std::move(*data_key);
  switch (slot.header.kind) {
    case SlotKind::passphrase:
      return base::fail(base::ErrorKind::store_locked, "wrong passphrase, or the slot is damaged");
    case SlotKind::key_file:
      return base::fail(base::ErrorKind::store_locked,
                        "wrong key file " + slot.header.key_file + ", or the slot is damaged");
    case SlotKind::secret_service:
      return base::fail(base::ErrorKind::store_locked, "wrong key in the Secret Service, or the slot is damaged");
  }
  return std::unexpected(damaged("its kind is unknown"));
}

}  // namespace secret
