// The combination of policies.
#include "authorization.h"

#include "base/clock.h"

#include <algorithm>
#include <chrono>

namespace sim {
namespace {

Verdict of_all(const std::vector<Policy>& policies, std::string_view action, std::string_view resource,
               const Context& context) {
  Verdict best = Verdict::silent;
  for (const Policy& policy : policies) {
    const Verdict verdict = evaluate(policy, action, resource, nullptr, context);
    if (verdict == Verdict::deny) return verdict;
    best = std::max(best, verdict);
  }
  return best;
}

/// Identity policies, cut down by the session's own.
Verdict identity_verdict(const World& world, const Caller& caller, std::string_view action, std::string_view resource,
                         const Context& context) {
  if (!world.checks.on("identity")) return Verdict::allow_principal;
  const std::vector<Policy>& own = caller.is_role() ? caller.session->role->policies : caller.user->policies;
  const Verdict verdict = of_all(own, action, resource, context);
  if (verdict != Verdict::allow_principal || caller.session == nullptr) return verdict;
  if (caller.is_federated()) {
    // Without a policy of its own a federated user may do nothing.
    if (!world.checks.on("federated")) return verdict;
    if (!caller.session->session_policies) return Verdict::silent;
  }
  if (!caller.session->session_policies) return verdict;
  return of_all(*caller.session->session_policies, action, resource, context);
}

bool may_assume(const World& world, const Caller& caller, const Role& role, std::string_view action,
                const Context& context) {
  const PrincipalNames names = caller.names();
  const Verdict trust =
      world.checks.on("trust") ? evaluate(role.trust, action, role.arn, &names, context) : Verdict::allow_principal;
  const Verdict identity = identity_verdict(world, caller, action, role.arn, context);
  if (trust == Verdict::deny || identity == Verdict::deny || trust == Verdict::silent) return false;
  const bool same_account = role.account == caller.account();
  if (same_account && trust == Verdict::allow_principal) return true;
  return identity == Verdict::allow_principal;
}

std::unexpected<AwsError> not_authorized(const Caller& caller, std::string_view action, std::string_view resource,
                                         std::string_view why) {
  return refuse(403, "AccessDenied",
                "User: " + caller.arn() + " is not authorized to perform: " + std::string(action) +
                    " on resource: " + std::string(resource) + std::string(why));
}

std::string principal_type(const Caller& caller) {
  if (caller.is_role()) return "AssumedRole";
  return caller.is_federated() ? "FederatedUser" : "User";
}

void set_principal_tags(Context& context, const Caller& caller) {
  Tags tags = caller.is_role() ? caller.session->role->tags : caller.user->tags;
  if (caller.session != nullptr)
    for (const auto& [key, value] : caller.session->tags) tags[key] = value;
  for (const auto& [key, value] : tags) context.set("aws:PrincipalTag/" + key, value);
}

}  // namespace

void set_time(Context& context, base::Instant now) {
  context.set("aws:CurrentTime", base::iso8601(now));
  context.set("aws:EpochTime",
              std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()));
}

void set_tags_asked_for(Context& context, const std::vector<std::pair<std::string, std::string>>& tags) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : tags) {
    context.set("aws:RequestTag/" + key, value);
    keys.push_back(key);
  }
  if (!keys.empty()) context.set("aws:TagKeys", keys);
}

Checked<void> check_trust(const World& world, const Role* role, const PrincipalNames& who,
                          const std::vector<std::string_view>& actions, const Context& context) {
  for (const std::string_view action : actions) {
    const bool trusted =
        role != nullptr && (!world.checks.on("trust") ||
                            evaluate(role->trust, action, role->arn, &who, context) == Verdict::allow_principal);
    if (!trusted) return refuse(403, "AccessDenied", "Not authorized to perform " + std::string(action));
  }
  return {};
}

Context caller_context(const World& world, const Caller& caller, MfaCode code) {
  Context context;
  const base::Instant now = world.now();
  context.set("aws:PrincipalArn", caller.names().arn);
  context.set("aws:PrincipalAccount", caller.account());
  context.set("aws:PrincipalType", principal_type(caller));
  context.set("aws:userid", caller.user_id());
  set_time(context, now);
  if (!caller.is_role() && !caller.is_federated()) context.set("aws:username", caller.user->name);
  if (caller.session != nullptr && !caller.session->source_identity.empty())
    context.set("aws:SourceIdentity", caller.session->source_identity);
  set_principal_tags(context, caller);
  // A long-term key without a code has no MFA keys at all; credentials of AssumeRole never carry MFA on.
  const std::optional<base::Instant> mfa_time =
      code == MfaCode::given_now ? now : (caller.session != nullptr ? caller.session->mfa_time : std::nullopt);
  if (mfa_time) {
    context.set("aws:MultiFactorAuthPresent", "true");
    context.set("aws:MultiFactorAuthAge",
                std::to_string(std::chrono::floor<std::chrono::seconds>(now - *mfa_time).count()));
  } else if (caller.session != nullptr) {
    context.set("aws:MultiFactorAuthPresent", "false");
  }
  return context;
}

Checked<void> check_own_permission(const World& world, const Caller& caller, std::string_view action,
                                   std::string_view resource, std::string_view resource_shown) {
  const Context context = caller_context(world, caller, MfaCode::none);
  const Verdict verdict = identity_verdict(world, caller, action, resource, context);
  if (verdict == Verdict::allow_principal) return {};
  if (verdict == Verdict::deny)
    return not_authorized(caller, action, resource_shown, " with an explicit deny in an identity-based policy");
  return not_authorized(caller, action, resource_shown,
                        " because no identity-based policy allows the " + std::string(action) + " action");
}

Checked<void> check_assume(const World& world, const Caller& caller, const Role* role, std::string_view role_arn,
                           const std::vector<std::string_view>& actions, const Context& context) {
  for (const std::string_view action : actions)
    if (role == nullptr || !may_assume(world, caller, *role, action, context))
      return not_authorized(caller, action, role_arn, "");
  return {};
}

}  // namespace sim
