// Trust anchors and profiles of Roles Anywhere.
#include "anywhere_seed.h"

#include "seed_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 43'200;
constexpr std::size_t kUuidLength = 36;

/// Account, region and ARN, as trust anchors and profiles share them.
template <class Thing>
Result<void> read_place(const json& object, const std::string& where, const std::string& kind, const State& state,
                        Thing& thing) {
  thing.account = object.value("account", "");
  thing.region = object.value("region", state.region);
  thing.enabled = object.value("enabled", true);
  const std::string id = object.value("id", "");
  if (!state.accounts.contains(thing.account))
    return base::fail(ErrorKind::usage, where + " needs an account of the seed");
  if (id.size() != kUuidLength) return base::fail(ErrorKind::usage, where + " needs a UUID as its id");
  thing.arn = "arn:aws:rolesanywhere:" + thing.region + ":" + thing.account + ":" + kind + "/" + id;
  return {};
}

Result<TrustAnchor> trust_anchor_of(const std::string& name, const json& object, const State& state) {
  const std::string where = "trust anchor " + name;
  TRY(only_keys(object, where, {"account", "region", "id", "enabled"}));
  TrustAnchor anchor;
  anchor.name = name;
  TRY(read_place(object, where, "trust-anchor", state, anchor));
  anchor.authority = TRY(IssuingAuthority::create(name));
  return anchor;
}

Result<AnywhereProfile> profile_of(const std::string& name, const json& object, const State& state) {
  const std::string where = "Roles Anywhere profile " + name;
  TRY(only_keys(object, where,
                {"account", "region", "id", "enabled", "roles", "duration_seconds", "accept_role_session_name",
                 "session_policy", "managed_policy_arns"}));
  AnywhereProfile profile;
  profile.name = name;
  TRY(read_place(object, where, "profile", state, profile));
  profile.roles = TRY(texts_of(object, "roles", where));
  profile.managed_policies = TRY(texts_of(object, "managed_policy_arns", where));
  profile.accepts_session_name = object.value("accept_role_session_name", false);
  profile.duration_seconds = object.value("duration_seconds", profile.duration_seconds);
  if (profile.duration_seconds < kShortest || profile.duration_seconds > kLongest)
    return base::fail(ErrorKind::usage, "duration_seconds of " + where + " must be 900 to 43200");
  if (object.contains("session_policy")) {
    if (auto good = parse_policy(object.at("session_policy")); !good)
      return std::unexpected(base::with_context(good.error(), "session_policy of " + where));
    profile.session_policy = object.at("session_policy").dump();
  }
  for (const std::string& arn : profile.managed_policies)
    if (!state.managed_policies.contains(arn))
      return base::fail(ErrorKind::usage, where + " names " + arn + ", which is not among managed_policies");
  return profile;
}

}  // namespace

Result<void> read_roles_anywhere(const json& value, State& state) {
  TRY(only_keys(value, "roles_anywhere", {"trust_anchors", "profiles"}));
  if (value.contains("trust_anchors"))
    for (const auto& [name, object] : value.at("trust_anchors").items())
      state.roles_anywhere.trust_anchors[name] = TRY(trust_anchor_of(name, object, state));
  if (value.contains("profiles"))
    for (const auto& [name, object] : value.at("profiles").items())
      state.roles_anywhere.profiles[name] = TRY(profile_of(name, object, state));
  return {};
}

const TrustAnchor* RolesAnywhere::find_trust_anchor(const std::string& arn) const {
  const auto found = std::ranges::find(trust_anchors, arn, [](const auto& entry) { return entry.second.arn; });
  return found == trust_anchors.end() ? nullptr : &found->second;
}

const AnywhereProfile* RolesAnywhere::find_profile(const std::string& arn) const {
  const auto found = std::ranges::find(profiles, arn, [](const auto& entry) { return entry.second.arn; });
  return found == profiles.end() ? nullptr : &found->second;
}

}  // namespace sim
