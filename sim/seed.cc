// Reads the seed file into the state.
#include "seed.h"

#include "anywhere_seed.h"
#include "base/text.h"
#include "crypto.h"
#include "identity_center_seed.h"
#include "identity_provider_seed.h"
#include "machine_seed.h"
#include "seed_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kIdTail = 17;
constexpr std::size_t kMostKeys = 2;

std::vector<std::string> default_regions() {
  return {"us-east-1",  "us-east-2",      "us-west-1",      "us-west-2",      "ca-central-1",   "eu-central-1",
          "eu-west-1",  "eu-west-2",      "eu-west-3",      "eu-north-1",     "eu-south-1",     "sa-east-1",
          "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", "ap-east-1"};
}

Result<Tags> tags_of(const json& object, const std::string& where) {
  Tags tags;
  if (!object.contains("tags")) return tags;
  for (const auto& [key, value] : object.at("tags").items()) {
    if (!value.is_string()) return base::fail(ErrorKind::usage, "tag " + key + " of " + where + " must be text");
    tags[key] = value.get<std::string>();
  }
  return tags;
}

Result<MfaDevice> device_of(const json& object, const User& user, base::Instant now) {
  TRY(only_keys(object, "an MFA device of " + user.name, {"name", "secret"}));
  const std::optional<std::string> secret = base32_decode(object.value("secret", ""));
  const std::string name = object.value("name", "");
  if (name.empty() || !secret || secret->empty())
    return base::fail(ErrorKind::usage, "an MFA device of " + user.name + " needs a name and a base32 secret");
  return MfaDevice{.arn = "arn:aws:iam::" + user.account + ":mfa/" + name,
                   .name = name,
                   .secret = *secret,
                   .enabled = now,
                   .used_steps = {}};
}

Result<std::unique_ptr<User>> user_of(const std::string& account, const std::string& name, const json& object,
                                      base::Instant now) {
  TRY(only_keys(object, "user " + name, {"path", "tags", "mfa", "keys", "policies", "password"}));
  auto user = std::make_unique<User>();
  user->account = account;
  user->name = name;
  user->path = object.value("path", "/");
  user->id = "AIDA" + random_text(kIdTail, kIdAlphabet);
  user->arn = "arn:aws:iam::" + account + ":user" + user->path + name;
  user->created = now;
  user->tags = TRY(tags_of(object, name));
  user->policies = TRY(policies_of(object, "user " + name));
  user->password = TRY(password_of(object, "user " + name));
  if (object.contains("mfa"))
    for (const json& device : object.at("mfa")) user->devices.push_back(TRY(device_of(device, *user, now)));
  const std::size_t keys = object.value("keys", std::size_t{1});
  if (keys > kMostKeys) return base::fail(ErrorKind::usage, "user " + name + " may have 2 keys at most");
  for (std::size_t i = 0; i < keys; ++i) user->keys.push_back(make_key(*user, now, now));
  return user;
}

Result<std::unique_ptr<Role>> role_of(const std::string& account, const std::string& name, const json& object,
                                      base::Instant now) {
  TRY(only_keys(object, "role " + name, {"path", "tags", "trust", "max_session_seconds", "policies", "description"}));
  auto role = std::make_unique<Role>();
  role->account = account;
  role->name = name;
  role->path = object.value("path", "/");
  role->id = "AROA" + random_text(kIdTail, kIdAlphabet);
  role->arn = "arn:aws:iam::" + account + ":role" + role->path + name;
  role->description = object.value("description", "");
  role->created = now;
  role->tags = TRY(tags_of(object, name));
  role->policies = TRY(policies_of(object, "role " + name));
  role->max_session_seconds = object.value("max_session_seconds", std::int64_t{3600});
  if (role->max_session_seconds < 3600 || role->max_session_seconds > 43200)
    return base::fail(ErrorKind::usage, "max_session_seconds of role " + name + " must be 3600 to 43200");
  if (!object.contains("trust")) return base::fail(ErrorKind::usage, "role " + name + " needs a trust policy");
  Result<Policy> trust = parse_policy(object.at("trust"));
  if (!trust) return std::unexpected(base::with_context(trust.error(), "trust of role " + name));
  role->trust = std::move(*trust);
  role->trust_text = object.at("trust").dump();
  return role;
}

Result<void> read_account(const std::string& account, const json& object, base::Instant now, State& state) {
  if (account.size() != 12 || !std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; }))
    return base::fail(ErrorKind::usage, "account " + account + " must have 12 digits");
  TRY(only_keys(object, "account " + account, {"name", "email", "users", "roles", "oidc_providers", "saml_providers"}));
  state.accounts[account] = {.name = object.value("name", account),
                             .email = object.value("email", "aws+" + account + "@example.com")};
  if (object.contains("users"))
    for (const auto& [name, value] : object.at("users").items()) {
      auto user = TRY(user_of(account, name, value, now));
      state.users[user->arn] = std::move(user);
    }
  if (object.contains("roles"))
    for (const auto& [name, value] : object.at("roles").items()) {
      auto role = TRY(role_of(account, name, value, now));
      state.roles[role->arn] = std::move(role);
    }
  return read_identity_providers(account, object, state);
}

Result<void> read_files(const json& files, State& state) {
  for (const auto& [path, value] : files.items()) {
    if (path.empty() || path.starts_with('/') || path.find("..") != std::string::npos)
      return base::fail(ErrorKind::usage, "file " + path + " must lie under the home directory");
    std::string text;
    if (value.is_array())
      for (const json& line : value) text += line.get<std::string>() + "\n";
    else
      text = value.get<std::string>();
    state.files.push_back({.path = path, .text = std::move(text)});
  }
  return {};
}

Result<State> read_seed(const json& seed, base::Instant now) {
  TRY(only_keys(seed, "the seed",
                {"region", "regions", "accounts", "managed_policies", "key_propagation_ms", "identity_center",
                 "roles_anywhere", "instance", "container", "files"}));
  State state;
  state.region = seed.value("region", state.region);
  state.regions = seed.contains("regions") ? seed.at("regions").get<std::vector<std::string>>() : default_regions();
  state.key_propagation = base::Duration(seed.value("key_propagation_ms", std::int64_t{0}));
  if (seed.contains("managed_policies"))
    for (const auto& [arn, document] : seed.at("managed_policies").items())
      state.managed_policies[arn] = {TRY(parse_policy(document))};
  if (!seed.contains("accounts")) return base::fail(ErrorKind::usage, "the seed has no accounts");
  for (const auto& [account, object] : seed.at("accounts").items()) TRY(read_account(account, object, now, state));
  if (seed.contains("identity_center")) TRY(read_identity_centers(seed.at("identity_center"), now, state));
  if (seed.contains("roles_anywhere")) TRY(read_roles_anywhere(seed.at("roles_anywhere"), state));
  TRY(read_machines(seed, state));
  if (seed.contains("files")) TRY(read_files(seed.at("files"), state));
  return state;
}

}  // namespace

Result<State> parse_seed(std::string_view text, base::Instant now) {
  try {
    const json seed = json::parse(text, nullptr, true, true);
    return read_seed(seed, now);
  } catch (const json::exception& error) {
    return base::fail(ErrorKind::usage, base::printable(error.what()));
  }
}

}  // namespace sim
