// Which profiles and roles a person used last and most, for `list --recent` and the picker: names and times in a small
// file beside the store, never a secret. It is a convenience: what cannot be read or written is as if nothing was used.
#pragma once

#include "base/clock.h"
#include "secret/places.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cli {

/// What was used: a profile, or a role of an account that no profile names. One line of the file holds one.
std::string used_profile(std::string_view name);
std::string used_role(std::string_view session, std::string_view account_id, std::string_view role);
/// A profile's name back, or the three parts of a role; empty for anything else.
std::vector<std::string> parts_of_used(std::string_view what);

class RecentUses {
 public:
  struct Use {
    std::string what;
    base::Instant last;
    double weight;  // at `last`; halves every week
  };

  /// Lines that are none are passed over.
  static RecentUses parse(std::string_view text);
  void add(std::string what, base::Instant when, double weight);
  /// Best first: every use counts, and half as much after a week. Uses that a clock set back has put into the future
  /// count as of now.
  std::vector<Use> ranked(base::Instant now) const;
  /// The file that says the same, each name once, the best `most` of them.
  std::string text(base::Instant now, std::size_t most) const;

 private:
  struct Sum {
    base::Instant last;
    double weight = 0;
  };
  std::unordered_map<std::string, Sum> uses_;
};

RecentUses read_recent(const secret::Places& places);
/// Appends one use; a file that has grown is written anew, smaller. A failure is nobody's.
void note_use(const secret::Places& places, const std::string& what, base::Instant now);

/// Whether a person is at this process: standard input or error is a terminal.
bool used_by_person();

}  // namespace cli
