// Every account and role a signed-in person has, fetched as fast as the server allows and no faster, and kept beside
// the store with its age: names are not secret. An interrupted fetch goes on where it stopped.
#pragma once

#include "aws/sso.h"
#include "base/clock.h"
#include "base/result.h"
#include "credentials/sign_in.h"
#include "credentials/sso_session.h"
#include "secret/places.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

struct AssignedAccount {
  std::string id;
  std::string name;
  std::string email;
  std::vector<std::string> roles;  // sorted
  bool complete = false;           // the roles have been fetched
};

struct Assignments {
  std::string session;  // SsoSession::id()
  base::Instant fetched;
  std::vector<AssignedAccount> accounts;  // by name, then id
  bool complete = false;                  // all of them
};

/// nullopt: never fetched. A damaged file is as if it were not there (names can be fetched again). Never calls AWS.
base::Result<std::optional<Assignments>> read_assignments(const secret::Places& places, const std::string& session_id);
/// No error where it is not there.
base::Result<void> forget_assignments(const secret::Places& places, const std::string& session_id);

struct FetchProgress {
  std::size_t accounts_done = 0;
  std::size_t accounts = 0;
  std::size_t throttled = 0;  // calls that the server refused for their rate
};

/// Fetches what is missing or older than `max_age`, several calls at a time, one process at a time; keeps what it has
/// on any failure. Errors: of the sign-in and of AWS.
base::Result<Assignments> fetch_assignments(SignIns& sign_ins, const SsoSession& session, const secret::Places& places,
                                            base::Clock& clock, base::Duration max_age, SignInUse use,
                                            const std::function<void(const FetchProgress&)>& progress);

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
