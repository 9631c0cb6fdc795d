// A role that Identity Center gives, as the first step.
#include "credentials/first_step.h"
#include "credentials/own_process.h"

#include <algorithm>
#include <utility>

namespace credentials {

namespace {

FirstStep step_to(SsoRole role, const Link& link, std::string_view key, std::string why) {
  FirstStep step;
  step.hop.kind = HopKind::identity_center;
  step.hop.profile = link.name;
  step.hop.where = link.where(key);
  step.hop.why = std::move(why);
  step.hop.action = "GetRoleCredentials";
  step.hop.title = "sso:GetRoleCredentials " + role.role_name + " of " + role.account_id;
  step.hop.gives = "the role " + role.role_name + " of " + role.account_id;
  step.hop.cached_as = role.role_name + " of " + role.account_id;
  step.hop.length_why = "the permission set says how long its role lasts";
  step.hop.sso = std::move(role);
  return step;
}

}  // namespace

FoundStep identity_center_step(const Facts& facts, const Link& link) {
  if (!link.profile) return std::nullopt;
  auto role = TRY(sso_role_of(facts.profiles, *link.profile));
  if (!role) return std::nullopt;
  const std::string_view key = link.has("sso_session") ? "sso_session" : "sso_start_url";
  return step_to(std::move(*role), link, key, "the profile names an account and a role of Identity Center");
}

FoundStep own_process_step(const Facts& facts, const Link& link) {
  if (!link.has("credential_process")) return std::nullopt;
  auto named = role_of_own_process(link.profile->value("credential_process"));
  if (!named) return std::nullopt;
  std::vector<SsoSession> sessions = all_sso_sessions(facts.profiles);
  const auto session = std::ranges::find(sessions, named->session_id, &SsoSession::id);
  if (session == sessions.end()) return std::nullopt;
  return step_to({std::move(*session), std::move(named->account_id), std::move(named->role_name)}, link,
                 "credential_process", "credential_process asks kabuto for a role of Identity Center");
}

}  // namespace credentials
