// The data key and the times at which it is forgotten: ten minutes after its last use, twelve hours after it was given,
// at once when the machine slept or somebody says so. It knows no socket, no store and no clock; times come with each
// call.
#pragma once

#include "base/clock.h"
#include "secret/store.h"

#include <optional>
#include <string>
#include <string_view>

namespace agent {

inline constexpr base::Duration kIdleLimit = std::chrono::minutes{10};
inline constexpr base::Duration kHardLimit = std::chrono::hours{12};

/// The three clocks at one moment. `awake` stands still while the machine sleeps, `boot` does not, `wall` may be set.
struct Times {
  base::Instant wall;
  base::Duration boot{0};
  base::Duration awake{0};
};
Times times_now();

class Keeper {
 public:
  explicit Keeper(Times now) : last_(now) {}

  void unlock(std::string store_id, secret::DataKey key, Times now);
  /// `why` ends the sentence "the agent is locked: …".
  void lock(std::string_view why);
  /// Locks where a limit has passed or the machine slept; true where it has just done so. To be called before every
  /// use.
  bool look(Times now);
  /// The key was used for somebody: the idle time begins again.
  void used(Times now);
  /// While there is a hold the idle limit does not count.
  void add_hold() { ++holds_; }
  void drop_hold(Times now);

  /// Null while locked.
  const secret::DataKey* key() const { return held_ ? &held_->key : nullptr; }
  const std::string& store_id() const { return held_->store_id; }
  const std::string& why_locked() const { return why_; }
  int holds() const { return holds_; }
  /// Until it locks by itself, by whichever clock is nearer; nullopt while locked.
  std::optional<base::Duration> left(Times now) const;

 private:
  struct Held {
    std::string store_id;
    secret::DataKey key;
    Times given;
    Times used;
  };
  base::Duration idle_left(Times now) const;
  base::Duration hard_left(Times now) const;

  std::optional<Held> held_;
  std::string why_ = "it was not unlocked yet";
  Times last_;
  int holds_ = 0;
};

}  // namespace agent
