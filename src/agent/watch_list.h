// The sessions that somebody uses and the agent renews before they end: which, until when, and how the last renewal
// went. It decides when; renewal.h does it.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "secret/fields.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent {

enum class Seen { fetched, used };  // a session that is new, or one from the cache that somebody uses

/// What `kabuto process` must be told to get the session again.
struct Watch {
  Seen seen = Seen::fetched;
  std::string profile;                                           // empty: AWS's default order
  std::vector<std::pair<std::string, std::string>> options;      // "region" -> "eu-west-1", in kWatchOptions' order
  std::vector<std::pair<std::string, std::string>> environment;  // of kWatchVariables, in that order
  base::Instant expires;                                         // by this machine's clock

  bool same_session(const Watch& other) const {
    return profile == other.profile && options == other.options && environment == other.environment;
  }
  /// The words after "kabuto".
  std::vector<std::string> words() const;
};

/// The variables that choose a session and hold no secret, as `environment` has them.
std::vector<std::pair<std::string, std::string>> watched_variables(const base::Environment& environment);

secret::Fields encode_watch(const Watch& watch);
/// nullopt for another option or variable than the known ones, control characters, or a text that is too long.
std::optional<Watch> decode_watch(const secret::Fields& fields);

class WatchList {
 public:
  /// How the last renewal of a session ended.
  struct Entry {
    Watch watch;
    base::Instant used;
    std::optional<base::Instant> tried;
    std::optional<int> code;  // of the last try; none while it runs
  };
  enum class By { person, renewal };  // who has the session: somebody who uses it, or the renewal itself

  /// At most 64 are kept; the one that was used longest ago goes first. One that was not seen when it was fetched may
  /// be too short to be renewed, and is not taken up.
  void add(Watch watch, By by, base::Instant now);
  /// The next to be renewed now, marked as tried; forgets what nobody has used lately.
  std::optional<Watch> take_due(base::Instant now);
  void ended(const Watch& watch, int code);
  void clear() { entries_.clear(); }
  /// Until something may become due; nullopt: never.
  std::optional<base::Duration> next(base::Instant now) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace agent
