#include "credentials/console_way.h"

namespace credentials {
namespace {

// Temporary keys say so in their id; those of the store never are.
bool is_temporary_id(const std::string& access_key_id) { return access_key_id.starts_with("ASIA"); }

ConsolePlan plan_of_role(const Chain& chain) {
  ConsolePlan plan{ConsoleWay::role, {}, {}};
  const Hop& signer = chain.hops[chain.hops.size() - 2];
  switch (signer.kind) {
    case HopKind::sealed_keys:
    case HopKind::file_keys:
    case HopKind::environment:
      if (is_temporary_id(signer.access_key_id)) break;
      return plan;
    case HopKind::session_token:
      plan.fixed_length = "the role is assumed by a session of GetSessionToken";
      plan.hint = "add --no-session: then the key itself assumes the role";
      return plan;
    default:
      break;
  }
  plan.fixed_length = "the role is assumed by another session, and the console lasts as long as its credentials";
  plan.hint = "leave --duration out";
  return plan;
}

}  // namespace

ConsolePlan console_plan(const Chain& chain) {
  if (chain.hops.empty()) return {};
  const Hop& last = chain.hops.back();
  const std::string outside = "where the credentials come from, their length has been decided";
  switch (last.kind) {
    case HopKind::assume_role:
      if (chain.hops.size() < 2) break;
      return plan_of_role(chain);
    case HopKind::identity_center:
      return {ConsoleWay::portal, "the permission set says how long its sessions last", "leave --duration out"};
    case HopKind::session_token:
      return {ConsoleWay::user_session, {}, {}};
    case HopKind::sealed_keys:
      return {ConsoleWay::long_term_key, {}, {}};
    case HopKind::file_keys:
    case HopKind::environment:
      if (!is_temporary_id(last.access_key_id)) return {ConsoleWay::long_term_key, {}, {}};
      break;
    default:
      break;
  }
  return {ConsoleWay::unknown_session, outside, "leave --duration out"};
}

}  // namespace credentials
