// Whether a caller may do what it asks: identity policies, session policies and trust policies together, as AWS
// combines them inside one account and across two.
#pragma once

#include "error.h"
#include "world.h"

#include <string_view>
#include <vector>

namespace sim {

/// The keys that say who calls and with which MFA. `code_given`: an MFA code came with this very request.
enum class MfaCode { none, given_now };
Context caller_context(const World& world, const Caller& caller, MfaCode code);

/// aws:CurrentTime and aws:EpochTime.
void set_time(Context& context, base::Instant now);

/// By the caller's own policies alone, as IAM's actions are decided. `resource` an ARN.
Checked<void> check_own_permission(const World& world, const Caller& caller, std::string_view action,
                                   std::string_view resource, std::string_view resource_shown);

/// aws:RequestTag/… and aws:TagKeys.
void set_tags_asked_for(Context& context, const std::vector<std::pair<std::string, std::string>>& tags);

/// By the role's trust policy alone, as identity providers and services are let in. nullptr, a role that does not
/// exist, is refused with the same words.
Checked<void> check_trust(const World& world, const Role* role, const PrincipalNames& who,
                          const std::vector<std::string_view>& actions, const Context& context);

/// Every action of `actions` (sts:AssumeRole, sts:TagSession …) on `role`; nullptr, a role that does not exist, is
/// refused with the same words.
Checked<void> check_assume(const World& world, const Caller& caller, const Role* role, std::string_view role_arn,
                           const std::vector<std::string_view>& actions, const Context& context);

}  // namespace sim
