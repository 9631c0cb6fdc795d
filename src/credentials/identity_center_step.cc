// A role that Identity Center gives, as the first step.
#include "credentials/first_step.h"

namespace credentials {

FoundStep identity_center_step(const Facts& facts, const Link& link) {
  if (!link.profile) return std::nullopt;
  auto role = TRY(sso_role_of(facts.profiles, *link.profile));
  if (!role) return std::nullopt;
  FirstStep step;
  step.hop.kind = HopKind::identity_center;
  step.hop.profile = link.name;
  step.hop.where = link.where(link.has("sso_session") ? "sso_session" : "sso_start_url");
  step.hop.why = "the profile names an account and a role of Identity Center";
  step.hop.action = "GetRoleCredentials";
  step.hop.title = "sso:GetRoleCredentials " + role->role_name + " of " + role->account_id;
  step.hop.gives = "the role " + role->role_name + " of " + role->account_id;
  step.hop.cached_as = role->role_name + " of " + role->account_id;
  step.hop.length_why = "the permission set says how long its role lasts";
  step.hop.sso = std::move(role);
  return step;
}

}  // namespace credentials
