// Which statements of a policy apply to a call, and what they say together. Conditions stand in condition.cc, reading
// in policy_document.cc.
#include "policy.h"

#include "base/text.h"
#include "condition.h"

#include <algorithm>

namespace sim {
namespace {

bool matches_action(const std::vector<std::string>& patterns, std::string_view action) {
  const std::string lower = base::lower_ascii(action);
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return base::matches_wildcard(base::lower_ascii(pattern), lower); });
}

bool action_applies(const Statement& statement, std::string_view action) {
  if (!statement.not_actions.empty()) return !matches_action(statement.not_actions, action);
  return matches_action(statement.actions, action);
}

bool resource_applies(const Statement& statement, std::string_view resource, const Context& context) {
  const auto any = [&](const std::vector<std::string>& patterns) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
      return base::matches_wildcard(with_variables(pattern, context), resource);
    });
  };
  if (!statement.not_resources.empty()) return !any(statement.not_resources);
  return any(statement.resources);
}

Verdict names_principal(const std::vector<std::pair<std::string, std::string>>& named, const PrincipalNames& caller) {
  Verdict best = Verdict::silent;
  for (const auto& [kind, value] : named) {
    if (kind != caller.kind && kind != "*") continue;
    const bool by_name =
        value == "*" || value == caller.arn || (!caller.session_arn.empty() && value == caller.session_arn);
    if (by_name) return Verdict::allow_principal;
    if (caller.account.empty()) continue;
    if (value == caller.account || value == "arn:aws:iam::" + caller.account + ":root") best = Verdict::allow_account;
  }
  return best;
}

Verdict principal_applies(const Statement& statement, const PrincipalNames* caller) {
  if (caller == nullptr) return Verdict::allow_principal;
  if (!statement.not_principals.empty())
    return names_principal(statement.not_principals, *caller) == Verdict::silent ? Verdict::allow_principal
                                                                                 : Verdict::silent;
  return names_principal(statement.principals, *caller);
}

}  // namespace

Verdict evaluate(const Policy& policy, std::string_view action, std::string_view resource,
                 const PrincipalNames* principal, const Context& context) {
  Verdict best = Verdict::silent;
  for (const Statement& statement : policy.statements) {
    if (!action_applies(statement, action)) continue;
    if (principal == nullptr && !resource_applies(statement, resource, context)) continue;
    const Verdict who = principal_applies(statement, principal);
    if (who == Verdict::silent || !all_hold(statement.conditions, context)) continue;
    if (statement.effect == Effect::deny) return Verdict::deny;
    best = std::max(best, who);
  }
  return best;
}

bool arn_like(std::string_view pattern, std::string_view arn) {
  constexpr int separators = 5;
  for (int i = 0; i < separators; ++i) {
    const std::size_t pattern_end = pattern.find(':');
    const std::size_t arn_end = arn.find(':');
    if (pattern_end == std::string_view::npos || arn_end == std::string_view::npos) return false;
    if (!base::matches_wildcard(pattern.substr(0, pattern_end), arn.substr(0, arn_end))) return false;
    pattern.remove_prefix(pattern_end + 1);
    arn.remove_prefix(arn_end + 1);
  }
  return base::matches_wildcard(pattern, arn);
}

}  // namespace sim
