// What an instance of Identity Center holds: people, permission sets, who has which in which account, and how long
// things last. Plain data of the seed; what happens while people sign in is in sign_ins.h.
#pragma once

#include "base/clock.h"
#include "mfa_device.h"
#include "policy.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct Role;
struct State;

struct CenterUser {
  std::string name, email, password;
  std::optional<MfaDevice> totp;
};

struct PermissionSet {
  std::string name;
  std::int64_t session_seconds = 3600;
  std::vector<Policy> policies;
};

/// `role` is the permission set's role in the account.
struct Assignment {
  const CenterUser* user = nullptr;
  std::string account;
  const PermissionSet* permission_set = nullptr;
  Role* role = nullptr;
};

/// So many calls each second, and `burst` at once after a pause.
class RateLimit {
 public:
  RateLimit() = default;
  RateLimit(double per_second, double burst) : per_second_(per_second), burst_(burst), left_(burst) {}
  bool allows(base::Instant now);

 private:
  double per_second_ = 0;  // no limit
  double burst_ = 0;
  double left_ = 0;
  base::Instant last_;
};

struct Lifetimes {
  base::Duration session{std::chrono::hours(8)};
  base::Duration access_token{std::chrono::hours(1)};
  base::Duration client{std::chrono::hours(24 * 90)};
  base::Duration code{std::chrono::minutes(10)};
  base::Duration device_code{std::chrono::minutes(10)};
  base::Duration device_interval{std::chrono::seconds(1)};
};

struct IdentityCenter {
  std::string start_url;  // without a slash at its end
  std::string region;
  Lifetimes lifetimes;
  RateLimit rate;
  std::map<std::string, std::unique_ptr<CenterUser>> users;               // by name
  std::map<std::string, std::unique_ptr<PermissionSet>> permission_sets;  // by name
  std::vector<Assignment> assignments;

  /// The start URL's first label, d-kabutosim: tells instances apart in INSTANCE/USER.
  std::string name() const;
};

/// https://x.awsapps.com/start, /start/ and /start/#/ are one.
std::string plain_start_url(std::string_view url);
IdentityCenter* find_center(const State& state, std::string_view start_url);

struct CenterAndUser {
  IdentityCenter* center = nullptr;
  CenterUser* user = nullptr;
};
/// USER, or INSTANCE/USER where two instances have one of that name; nothing where none or several fit.
CenterAndUser find_center_user(const State& state, std::string_view name);

/// The role of a permission set in an account, made where it is not there yet.
Role& permission_set_role(State& state, const IdentityCenter& center, const PermissionSet& set,
                          const std::string& account, base::Instant now);

}  // namespace sim
