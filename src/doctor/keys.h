// Profiles and whether they lead anywhere; keys and sessions that lie in clear; sign-ins that have ended; the clock;
// the store and its slot; programs of one name. Pure: what is there was looked at before.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "doctor/finding.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace doctor {

struct ProfileFact {
  std::string name;
  std::string where;
  std::optional<base::Error> error;  // why it leads to no credentials
};
/// `files_error`: AWS's files could not be read at all.
Findings check_profiles(const std::vector<ProfileFact>& profiles, const std::optional<base::Error>& files_error);

/// What a reader of the files passes over.
struct Oddity {
  std::string where;
  std::string what;
};
Findings check_oddities(const std::vector<Oddity>& oddities);

enum class ClearKind : std::uint8_t { long_term_key, session };
struct ClearFact {
  ClearKind kind = ClearKind::long_term_key;
  std::string what;  // "the key AKIA…MPLE of profile dev", "a sign-in of https://…"
  std::string where;
  std::string tool;                   // "aws", "aws-vault", … as `kabuto import --from` has it
  std::optional<base::Instant> ends;  // of sessions, where it is known
  std::string name_beside;            // of keys: under which it can be sealed, where its profile's name has another key
  std::string profile;                // of keys
  std::string portal;                 // of sign-ins: the sso-session to sign in to before the other tool's can go
  std::string other_mend{};           // where no import takes it out: what does
  std::string why_other{};            // why none does, where that is to be said
};
Findings check_clear(const std::vector<ClearFact>& facts, base::Instant now);

/// What another tool still keeps: sealed keys, or only its files.
struct OtherStoreFact {
  std::string tool;
  std::string where;
  std::size_t keys = 0;
  bool has_more = false;  // import finds something beside keys to take over, or to tell
};
Findings check_other_stores(const std::vector<OtherStoreFact>& stores);

struct SignInFact {
  std::string name;  // as `kabuto login` takes it
  bool has_ended = false;
};
Findings check_sign_ins(const std::vector<SignInFact>& sign_ins);

struct StoreFact {
  bool exists = false;
  std::string path;
  std::size_t keys = 0;
  std::string slot;                       // the chosen one's kind
  std::optional<base::Error> error;       // the store does not open
  std::optional<base::Error> slot_error;  // what opens the slot is not here
  std::size_t damaged_sessions = 0;
};
Findings check_store(const StoreFact& store);

struct ClockFact {
  std::string host;
  base::Duration ahead{0};  // our clock minus AWS's
  std::optional<base::Error> error;
};
Findings check_clock(const ClockFact& clock);

/// A name that people type, and where PATH leads with it.
struct NameFact {
  std::string name;
  std::vector<std::string> paths;  // in the order of PATH
  std::vector<bool> is_ours;       // of each
};
Findings check_names(const std::vector<NameFact>& names);

}  // namespace doctor
