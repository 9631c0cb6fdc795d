// Every account and role a signed-in person has, as last fetched, kept beside the store with its age: names are not
// secret. Nothing here calls AWS or unlocks; fetch_assignments.h does.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/places.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

struct AssignedAccount {
  std::string id;
  std::string name;                // of the server: may hold anything
  std::string email;               // as above
  std::vector<std::string> roles;  // sorted
  bool complete = false;           // the roles have been fetched
};

struct Assignments {
  std::string session;                    // SsoSession::id()
  base::Instant fetched;                  // when the fetch began
  std::vector<AssignedAccount> accounts;  // by name, then id
  bool complete = false;                  // all of them
};

/// The last whole listing, else what an interrupted fetch has left; nullopt: never fetched. A damaged file is as if it
/// were not there (names can be fetched again).
base::Result<std::optional<Assignments>> read_assignments(const secret::Places& places, const std::string& session_id);
/// What an interrupted fetch has left, whatever else is there.
base::Result<std::optional<Assignments>> read_unfinished(const secret::Places& places, const std::string& session_id);
/// A whole listing takes the place of the last one and of what was unfinished; another becomes what is unfinished.
base::Result<void> write_assignments(const secret::Places& places, const Assignments& assignments);
/// No error where it is not there.
base::Result<void> forget_assignments(const secret::Places& places, const std::string& session_id);

/// A file's text taken apart, for read_assignments and the fuzzer; nullopt where it is damaged.
std::optional<Assignments> parse_assignments(std::string_view text);
std::string text_of(const Assignments& assignments);
/// As AWS's are: twelve digits; 1 to 64 letters, digits and +=,.@-_
bool is_account_id(std::string_view text);
bool is_role_name(std::string_view text);
/// Sizes that no directory of people reaches, and an id or a role that is none: failure.
base::Result<void> check_account(const AssignedAccount& account);

inline constexpr std::size_t kMostAccounts = 50'000;
inline constexpr std::size_t kMostRoles = 1'000;  // of one account

struct AssignedRole {
  std::string session;
  AssignedAccount account;
  std::string role;
};
/// `account`: an id, or a name in any case, or the part of one that fits a single account; `role` likewise, empty where
/// the account has one only. Errors: not_found, usage (several fit, named).
base::Result<AssignedRole> find_role(const std::vector<Assignments>& all, std::string_view account,
                                     std::string_view role);

}  // namespace credentials
