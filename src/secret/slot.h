// Key slots: each wraps the one data key of the store, as disk encryption does. A slot's header is clear and bound to
// what it wraps; parameters outside the limits are refused before anything is allocated.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/asker.h"
#include "secret/bytes.h"
#include "secret/secret_service.h"
#include "secret/tpm.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

enum class SlotKind { passphrase, key_file, secret_service, tpm2 };

std::string_view name_of(SlotKind kind);  // "passphrase", "keyfile", "secret-service", "tpm2"
std::optional<SlotKind> slot_kind(std::string_view name);

/// Argon2id's cost; memory in bytes.
struct KdfCost {
  std::uint64_t memory = 0;
  std::uint64_t passes = 0;
};

/// What a store may ask for. The defaults are the product's; only tests bring others.
struct KdfLimits {
  KdfCost least{.memory = 64ULL << 20, .passes = 3};
  KdfCost most{.memory = 1ULL << 30, .passes = 16};
  base::Duration target{300};  // init doubles the memory until one derivation takes this long: 0.3 to 0.6 s
};

struct SlotHeader {
  int id = 0;
  SlotKind kind = SlotKind::passphrase;
  base::Instant created;
  std::string salt;      // hex; passphrase
  KdfCost cost;          // passphrase
  std::string key_file;  // absolute path; key_file
  TpmBlob tpm{};         // tpm2
};

/// A slot as stored.
struct Slot {
  SlotHeader header;
  std::vector<std::byte> wrapped;
};

/// What a new slot shall be.
struct SlotChoice {
  SlotKind kind = SlotKind::passphrase;
  std::string key_file;  // absolute; made where it does not exist
  Pin pin = Pin::none;   // tpm2
};

class DataKey;
class Store;

/// Everything that opening a slot may need.
struct Unlocker {
  base::Clock& clock;
  Asker& asker;
  SecretService& secret_service;
  Tpm& tpm;
  KdfLimits limits{};
  /// Told of each data key that was unwrapped, where it is set.
  std::function<void(const Store&, const DataKey&)> unlocked{};
  /// Asked after another process was waited for that was asking a person: true where what needs the key is served
  /// without it now. Then nobody is asked again, and unlock() fails (store_locked).
  std::function<bool()> is_served_meanwhile{};
};

std::string encode_slot(const SlotHeader& header);
/// store_damaged for anything encode_slot does not write or that the limits refuse.
base::Result<SlotHeader> decode_slot(std::string_view text, const KdfLimits& limits);
base::Error damaged_slot(std::string_view why);

/// Whether opening it asks for a passphrase or a PIN.
bool needs_person(const SlotHeader& header);

/// Makes a slot that wraps `data_key`; asks for a fresh passphrase or PIN, or makes the key file or the Secret
/// Service's item.
base::Result<Slot> make_slot(const SlotChoice& choice, int id, const std::string& store_id, const Bytes& data_key,
                             Unlocker& unlocker);
/// One try. store_locked "wrong passphrase, or the slot is damaged" (or key file, PIN) where it does not open.
base::Result<Bytes> open_slot(const Slot& slot, const std::string& store_id, Unlocker& unlocker);

}  // namespace secret
