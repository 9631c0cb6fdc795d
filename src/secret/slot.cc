#include "secret/slot.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/cipher.h"
#include "secret/digest.h"
#include "secret/kdf.h"
#include "secret/read_secret.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>

namespace secret {
namespace {

constexpr std::size_t kLargestKeyFile = 4096;
constexpr std::size_t kSmallestKeyFile = 32;

std::string bound_text(const SlotHeader& header, const std::string& store_id) {
  const std::string clear = encode_slot(header);
  const std::string_view parts[] = {"kabuto slot 1", store_id, clear};
  return joined_with_lengths(parts);
}

/// Fewer than 32 bytes, or a short text somebody typed, is no key.
base::Result<Bytes> key_of_file(const std::string& path) {
  const auto file = read_secret_file(path, kLargestKeyFile, "key file");
  // To whoever waits for a key of the store this is a store that is locked, and not a profile that does not exist.
  if (!file && file.error().kind == base::ErrorKind::not_found)
    return base::fail(base::ErrorKind::store_locked, "the store's key file " + base::printable(path) + " is missing",
                      "put it back from its backup, or open the store by another slot: run kabuto store slots");
  if (!file) return std::unexpected(file.error());
  if (file->size() < kSmallestKeyFile)
    return base::fail(base::ErrorKind::refused,
                      fmt::format("the key file {} is shorter than {} bytes", path, kSmallestKeyFile));
  return Digest().add("kabuto key file 1").add_secret(*file).finish_secret();
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
    case SlotKind::tpm2: {
      if (header.tpm.pin == Pin::none) return unlocker.tpm.unseal(header.tpm, {});
      // Nobody is asked for a PIN that then has no use.
      TRY(unlocker.tpm.check(header.tpm));
      const Bytes pin = TRY(unlocker.asker.pin(Wanted::current));
      return unlocker.tpm.unseal(header.tpm, pin);
    }
  }
  return std::unexpected(damaged_slot("its kind is unknown"));
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
    case SlotKind::tpm2: {
      Bytes key = random_key();
      Bytes pin;
      if (header.tpm.pin == Pin::asked) pin = TRY(unlocker.asker.pin(Wanted::fresh));
      header.tpm = TRY(unlocker.tpm.seal(key, pin));
      return key;
    }
  }
  return std::unexpected(damaged_slot("its kind is unknown"));
}

}  // namespace

base::Result<Slot> make_slot(const SlotChoice& choice, int id, const std::string& store_id, const Bytes& data_key,
                             Unlocker& unlocker) {
  Slot slot;
  slot.header.id = id;
  slot.header.kind = choice.kind;
  slot.header.created = unlocker.clock.now();
  slot.header.tpm.pin = choice.pin;
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
    case SlotKind::tpm2:
      // The TPM has given a key that it sealed itself.
      return std::unexpected(damaged_slot("the TPM's key does not open it"));
  }
  return std::unexpected(damaged_slot("its kind is unknown"));
}

}  // namespace secret
