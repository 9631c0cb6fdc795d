// What the simulated AWS knows: accounts with users and roles, access keys, MFA devices, live sessions. Plain data, in
// memory only; who may do what is decided elsewhere.
#pragma once

#include "anywhere.h"
#include "base/clock.h"
#include "consoles.h"
#include "identity_center.h"
#include "identity_providers.h"
#include "logins.h"
#include "machines.h"
#include "mfa_device.h"
#include "policy.h"
#include "sign_ins.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

enum class KeyStatus { active, inactive };

struct AccessKey {
  std::string id;
  std::string secret;
  KeyStatus status = KeyStatus::active;
  base::Instant created;
  base::Instant known_from;  // eventual consistency: before, nobody knows the key
};

using Tags = std::map<std::string, std::string>;

struct User {
  std::string account, name, path = "/", id, arn;
  base::Instant created;
  Tags tags;
  std::vector<MfaDevice> devices;
  std::vector<AccessKey> keys;
  std::vector<Policy> policies;
  std::string password;            // of the console; empty: none
  base::Instant password_changed;  // a sign-in from before has ended
};

struct Role {
  std::string account, name, path = "/", id, arn, description;
  base::Instant created;
  Tags tags;
  Policy trust;
  std::string trust_text;
  std::int64_t max_session_seconds = 3600;
  std::vector<Policy> policies;
};

/// Temporary credentials, of a user (GetSessionToken), of a federated user (GetFederationToken) or of a role.
struct Session {
  std::string key_id, secret, token;
  base::Instant expires;
  User* user = nullptr;
  Role* role = nullptr;
  std::string name;                       // of a role session or a federated user
  bool federated = false;                 // of GetFederationToken
  bool chained = false;                   // of a role, asked for by a role session
  std::optional<base::Instant> mfa_time;  // of a user session
  std::string source_identity;
  Tags tags;
  std::set<std::string> transitive;
  std::optional<std::vector<Policy>> session_policies;
};

/// Who calls: one of a user with a long-term key, a user session, a federated user, a role session.
struct Caller {
  User* user = nullptr;
  AccessKey* key = nullptr;
  Session* session = nullptr;

  bool is_role() const { return session != nullptr && session->role != nullptr; }
  bool is_federated() const { return session != nullptr && session->federated; }
  const std::string& account() const;
  /// As GetCallerIdentity shows it.
  std::string arn() const;
  std::string user_id() const;
  PrincipalNames names() const;
};

struct Account {
  std::string name, email;
};

struct File {
  std::string path;  // under the private HOME
  std::string text;
};

struct State {
  std::string region = "us-east-1";
  std::vector<std::string> regions;
  base::Duration key_propagation{0};
  std::map<std::string, Account> accounts;                      // by number
  std::map<std::string, std::vector<Policy>> managed_policies;  // by ARN
  std::map<std::string, std::unique_ptr<User>> users;           // by ARN
  std::map<std::string, std::unique_ptr<Role>> roles;           // by ARN
  std::map<std::string, std::unique_ptr<Session>> sessions;     // by access key id
  std::vector<std::unique_ptr<IdentityCenter>> identity_centers;
  std::vector<std::unique_ptr<OidcProvider>> oidc_providers;
  std::vector<std::unique_ptr<SamlProvider>> saml_providers;
  SignIns sign_ins;
  Logins logins;
  Consoles consoles;
  RolesAnywhere roles_anywhere;
  std::optional<Instance> instance;
  std::optional<Container> container;
  std::vector<File> files;

  /// `name` is a user name, or ACCOUNT/NAME where two accounts have one of that name; nullptr where none or several
  /// fit.
  User* find_user(std::string_view name) const;
  User* owner_of(std::string_view key_id) const;
  Role* find_role(const std::string& arn) const;
};

/// The key of `user` with that id; nullptr where there is none.
AccessKey* find_key(User& user, std::string_view key_id);
/// A fresh key, active, known from `known_from` on.
AccessKey make_key(const User& user, base::Instant created, base::Instant known_from);
/// Removes sessions that ended before `before`, so that a long test does not grow without end.
void forget_sessions(State& state, base::Instant before);

}  // namespace sim
