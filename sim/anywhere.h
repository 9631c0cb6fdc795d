// What Roles Anywhere holds: trust anchors and profiles, plain data of the seed.
#pragma once

#include "issuing_authority.h"
#include "policy.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim {

struct TrustAnchor {
  std::string name, account, region, arn;
  bool enabled = true;
  std::unique_ptr<IssuingAuthority> authority;
};

struct AnywhereProfile {
  std::string name, account, region, arn;
  bool enabled = true;
  std::vector<std::string> roles;  // ARNs
  std::int64_t duration_seconds = 3600;
  bool accepts_session_name = false;
  std::optional<std::string> session_policy;  // its text
  std::vector<std::string> managed_policies;  // ARNs
};

struct RolesAnywhere {
  std::map<std::string, TrustAnchor> trust_anchors;  // by name
  std::map<std::string, AnywhereProfile> profiles;   // by name

  /// nullptr where there is none of that ARN.
  const TrustAnchor* find_trust_anchor(const std::string& arn) const;
  const AnywhereProfile* find_profile(const std::string& arn) const;
};

}  // namespace sim
