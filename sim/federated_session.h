// A role session for somebody whom an identity provider vouches for: what AssumeRoleWithWebIdentity and
// AssumeRoleWithSAML share once the provider's word has been verified.
#pragma once

#include "call.h"
#include "session_limits.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace sim {

struct FederatedRequest {
  std::string_view action;  // sts:AssumeRoleWithWebIdentity …
  std::string provider;     // ARN of the identity provider
  std::string role_arn, session_name, source_identity;
  std::int64_t seconds = kUsualRoleSession;
  SessionLimits limits;  // its tags: those that the provider sets
  std::set<std::string> transitive;
  Context context;  // the provider's own condition keys
};

/// The account number in an ARN; empty where there is none.
std::string account_of_arn(std::string_view arn);

/// Trust policy, length, policies and size, in that order; then <Credentials>, <AssumedRoleUser> and what goes with
/// them.
Checked<void> open_federated_session(Call& call, FederatedRequest request);

}  // namespace sim
