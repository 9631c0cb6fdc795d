// The store's key slots: opening the remembered one, and changing the set.
#include "base/text.h"
#include "secret/cipher.h"
#include "secret/store_state.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace secret {
namespace {

constexpr base::Duration kUnlockWait{60'000};  // another process may be asking a person
constexpr base::Duration kFirstDelay{500};     // after a wrong passphrase; doubles
constexpr int kMostDoublings = 5;              // 16 s
constexpr int kTries = 3;                      // of a person at the terminal
constexpr std::size_t kCountFileLimit = 32;

/// How often the passphrase was wrong since it was last right, over all processes.
int failures(const Places& places) {
  const auto text = base::read_file(places.unlock_failures(), kCountFileLimit);
  if (!text || !*text) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(base::parse_integer(base::trim_lines(**text)).value_or(0), 0, 1000));
}

/// Waits between the answer and its use, not before the question: what is typed while nobody asks is echoed.
class Braked final : public Asker {
 public:
  Braked(Asker& asker, const Places& places, base::Clock& clock) : asker_(asker), places_(places), clock_(clock) {}
  base::Result<void> ready() override { return asker_.ready(); }
  base::Result<Bytes> passphrase(Wanted wanted) override { return after_wait(asker_.passphrase(wanted)); }
  base::Result<Bytes> pin(Wanted wanted) override { return after_wait(asker_.pin(wanted)); }
  AfterWrong after_wrong(std::string_view why) const override { return asker_.after_wrong(why); }

 private:
  base::Result<Bytes> after_wait(base::Result<Bytes> answer) {
    if (const int count = failures(places_); answer && count > 0)
      clock_.sleep(kFirstDelay * (1 << std::min(count - 1, kMostDoublings)));
    return answer;
  }

  Asker& asker_;
  const Places& places_;
  base::Clock& clock_;
};

/// One question at a time, over all processes.
base::Result<base::FileLock> lock_of_the_question(const Places& places, Unlocker& unlocker) {
  if (auto lock = TRY(base::FileLock::try_acquire(places.unlock_lock()))) return std::move(*lock);
  auto lock = base::FileLock::acquire(places.unlock_lock(), unlocker.clock, unlocker.clock.monotonic() + kUnlockWait);
  if (!lock)
    return base::fail(base::ErrorKind::store_locked, "another kabuto is asking for the store's passphrase",
                      "answer there, then try again");
  if (unlocker.is_served_meanwhile && unlocker.is_served_meanwhile())
    return base::fail(base::ErrorKind::store_locked, "the agent was unlocked meanwhile", "try again");
  return lock;
}

base::Result<Bytes> open_by_person(const Slot& slot, const std::string& store_id, const Places& places,
                                   Unlocker& unlocker) {
  Braked asker(unlocker.asker, places, unlocker.clock);
  Unlocker braked{unlocker.clock, asker, unlocker.secret_service, unlocker.tpm, unlocker.limits, {}, {}};
  for (int tries = 1;; ++tries) {
    auto key = open_slot(slot, store_id, braked);
    if (key) {
      unlink(places.unlock_failures().c_str());
      return key;
    }
    if (key.error().kind != base::ErrorKind::store_locked) return key;
    // The count is a brake, not a guard: where it cannot be written the KDF is the brake.
    (void)base::write_file_atomically(places.unlock_failures(), std::to_string(failures(places) + 1) + "\n");
    std::string_view why = "This passphrase does not open the store.";
    if (slot.header.kind == SlotKind::tpm2) why = key.error().what;
    if (tries == kTries || unlocker.asker.after_wrong(why) == AfterWrong::give_up) return key;
  }
}

}  // namespace

std::vector<SlotHeader> Store::slots() const {
  std::vector<SlotHeader> out;
  for (const auto& slot : state_->slots) out.push_back(slot.header);
  return out;
}

int Store::chosen_slot() const { return static_cast<int>(state_->rows.chosen_slot); }

base::Result<DataKey> Store::unlock(Unlocker& unlocker) const {
  const Slot* slot = state_->find_slot(chosen_slot());
  // load() has checked that the remembered slot exists.
  const bool asks = needs_person(slot->header);
  std::optional<base::FileLock> question;  // until whoever serves the others has the key
  if (asks) {
    TRY(unlocker.asker.ready());
    question = TRY(lock_of_the_question(state_->places, unlocker));
  }
  auto opened = asks ? open_by_person(*slot, id(), state_->places, unlocker) : open_slot(*slot, id(), unlocker);
  DataKey key(TRY(std::move(opened)));
  if (unlocker.unlocked) unlocker.unlocked(*this, key);
  return key;
}

base::Result<int> Store::add_slot(const DataKey& key, const SlotChoice& choice, Unlocker& unlocker) {
  int id = 0;
  for (const auto& slot : state_->slots) {
    id = std::max(id, slot.header.id);
    // Its one item is named by the store's id: a second slot would replace the first one's key.
    if (choice.kind == SlotKind::secret_service && slot.header.kind == SlotKind::secret_service)
      return base::fail(base::ErrorKind::refused, "the store has a secret-service slot already");
  }
  ++id;
  const Slot slot = TRY(make_slot(choice, id, this->id(), key.key_, unlocker));
  TRY(write([&](StoreRows& rows) -> base::Result<void> {
    if (std::ranges::any_of(rows.slots, [&](const SlotRow& row) { return row.id == id; }))
      return base::fail(base::ErrorKind::store_locked, "another process has changed the slots", "try again");
    rows.slots.push_back({.id = id, .header = encode_slot(slot.header), .wrapped = slot.wrapped});
    return {};
  }));
  return id;
}

base::Result<void> Store::remove_slot(int id, Unlocker& unlocker) {
  const Slot* slot = state_->find_slot(id);
  if (slot == nullptr) return base::fail(base::ErrorKind::not_found, "no such key slot", "run kabuto store slots");
  const SlotKind kind = slot->header.kind;
  TRY(write([&](StoreRows& rows) -> base::Result<void> {
    if (rows.chosen_slot == id)
      return base::fail(base::ErrorKind::refused, "this is the slot the store is opened by",
                        "run kabuto store slots use N first");
    std::erase_if(rows.slots, [&](const SlotRow& row) { return row.id == id; });
    return {};
  }));
  if (kind == SlotKind::secret_service) return unlocker.secret_service.remove(this->id());
  return {};
}

base::Result<void> Store::choose_slot(int id) {
  return write([&](StoreRows& rows) -> base::Result<void> {
    if (std::ranges::none_of(rows.slots, [&](const SlotRow& row) { return row.id == id; }))
      return base::fail(base::ErrorKind::not_found, "no such key slot", "run kabuto store slots");
    rows.chosen_slot = id;
    return {};
  });
}

base::Result<void> Store::change_passphrase(const DataKey& key, Unlocker& unlocker) {
  const int id = chosen_slot();
  const SlotHeader& old = state_->find_slot(id)->header;
  if (!needs_person(old))
    return base::fail(base::ErrorKind::refused, "the store is opened by neither a passphrase nor a PIN",
                      "run kabuto store slots");
  const Slot slot =
      TRY(make_slot({.kind = old.kind, .key_file = {}, .pin = old.tpm.pin}, id, this->id(), key.key_, unlocker));
  return write([&](StoreRows& rows) -> base::Result<void> {
    for (auto& row : rows.slots)
      if (row.id == id) row = {.id = id, .header = encode_slot(slot.header), .wrapped = slot.wrapped};
    return {};
  });
}

}  // namespace secret
