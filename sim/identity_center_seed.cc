// Users, permission sets, assignments and lifetimes of Identity Center.
#include "identity_center_seed.h"

#include "crypto.h"
#include "seed_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::size_t kTotpBytes = 20;
constexpr std::int64_t kShortestSession = 3'600;
constexpr std::int64_t kLongestSession = 43'200;

Result<std::unique_ptr<CenterUser>> user_of(const std::string& name, const json& object, base::Instant now) {
  const std::string where = "Identity Center user " + name;
  TRY(only_keys(object, where, {"password", "totp", "email"}));
  auto user = std::make_unique<CenterUser>();
  user->name = name;
  user->email = object.value("email", name + "@example.com");
  user->password = object.contains("password") ? TRY(password_of(object, where)) : make_password();
  if (!object.contains("totp")) return user;
  const json& totp = object.at("totp");
  const std::optional<std::string> secret =
      totp.is_boolean() && totp.get<bool>() ? random_bytes(kTotpBytes) : base32_decode(totp.get<std::string>());
  if (!secret || secret->empty())
    return base::fail(ErrorKind::usage, "totp of " + where + " must be a base32 secret, or true");
  user->totp = MfaDevice{.arn = {}, .name = "totp", .secret = *secret, .enabled = now, .used_steps = {}};
  return user;
}

Result<std::unique_ptr<PermissionSet>> permission_set_of(const std::string& name, const json& object) {
  const std::string where = "permission set " + name;
  TRY(only_keys(object, where, {"session_seconds", "policies"}));
  auto set = std::make_unique<PermissionSet>();
  set->name = name;
  set->session_seconds = object.value("session_seconds", kShortestSession);
  if (set->session_seconds < kShortestSession || set->session_seconds > kLongestSession)
    return base::fail(ErrorKind::usage, "session_seconds of " + where + " must be 3600 to 43200");
  set->policies = TRY(policies_of(object, where));
  return set;
}

/// Every user × account × permission set that the entry names; the account "*" is every account.
Result<void> read_assignment(const json& object, base::Instant now, IdentityCenter& center, State& state) {
  constexpr std::string_view where = "an assignment";
  TRY(only_keys(object, std::string(where), {"user", "account", "permission_set"}));
  std::vector<std::string> accounts = TRY(texts_of(object, "account", std::string(where)));
  if (accounts == std::vector<std::string>{"*"}) {
    accounts.clear();
    for (const auto& [number, account] : state.accounts) accounts.push_back(number);
  }
  const std::vector<std::string> users = TRY(texts_of(object, "user", std::string(where)));
  const std::vector<std::string> sets = TRY(texts_of(object, "permission_set", std::string(where)));
  if (users.empty() || accounts.empty() || sets.empty())
    return base::fail(ErrorKind::usage, "an assignment needs user, account and permission_set");
  for (const std::string& user : users)
    for (const std::string& account : accounts)
      for (const std::string& set : sets) {
        const auto found_user = center.users.find(user);
        const auto found_set = center.permission_sets.find(set);
        if (found_user == center.users.end() || found_set == center.permission_sets.end() ||
            !state.accounts.contains(account))
          return base::fail(ErrorKind::usage, "the assignment of " + user + " to " + set + " in " + account +
                                                  " names something that does not exist");
        Role& role = permission_set_role(state, center, *found_set->second, account, now);
        center.assignments.push_back({.user = found_user->second.get(),
                                      .account = account,
                                      .permission_set = found_set->second.get(),
                                      .role = &role});
      }
  return {};
}

Lifetimes lifetimes_of(const json& object) {
  const auto seconds = [&](const char* key, base::Duration fallback) {
    return object.contains(key) ? base::Duration(std::chrono::seconds(object.at(key).get<std::int64_t>())) : fallback;
  };
  const Lifetimes usual;
  return {.session = seconds("session_seconds", usual.session),
          .access_token = seconds("token_seconds", usual.access_token),
          .client = seconds("client_seconds", usual.client),
          .code = seconds("code_seconds", usual.code),
          .device_code = seconds("device_code_seconds", usual.device_code),
          .device_interval = seconds("device_interval_seconds", usual.device_interval)};
}

Result<void> read_identity_center(const json& object, base::Instant now, State& state) {
  TRY(only_keys(
      object, "identity_center",
      {"start_url", "region", "session_seconds", "token_seconds", "client_seconds", "code_seconds",
       "device_code_seconds", "device_interval_seconds", "rate", "burst", "users", "permission_sets", "assignments"}));
  auto center = std::make_unique<IdentityCenter>();
  const std::string url = object.value("start_url", "");
  if (!url.starts_with("https://")) return base::fail(ErrorKind::usage, "identity_center needs an https start_url");
  center->start_url = plain_start_url(url);
  if (find_center(state, url) != nullptr)
    return base::fail(ErrorKind::usage, "two instances of Identity Center have the start_url " + url);
  center->region = object.value("region", state.region);
  center->lifetimes = lifetimes_of(object);
  const double rate = object.value("rate", 0.0);
  center->rate = RateLimit(rate, object.value("burst", std::max(1.0, rate)));
  if (object.contains("users"))
    for (const auto& [name, value] : object.at("users").items()) center->users[name] = TRY(user_of(name, value, now));
  if (object.contains("permission_sets"))
    for (const auto& [name, value] : object.at("permission_sets").items())
      center->permission_sets[name] = TRY(permission_set_of(name, value));
  if (object.contains("assignments"))
    for (const json& assignment : object.at("assignments")) TRY(read_assignment(assignment, now, *center, state));
  state.identity_centers.push_back(std::move(center));
  return {};
}

}  // namespace

Result<void> read_identity_centers(const json& value, base::Instant now, State& state) {
  if (!value.is_array()) return read_identity_center(value, now, state);
  for (const json& object : value) TRY(read_identity_center(object, now, state));
  return {};
}

}  // namespace sim
