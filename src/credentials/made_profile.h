// Profiles that no file holds: an account and role of Identity Center, or a role by its ARN. Pure.
#pragma once

#include "credentials/assignments.h"
#include "credentials/source.h"
#include "credentials/sso_session.h"

#include <string>
#include <utility>
#include <vector>

namespace credentials {

struct NamedProfile {
  std::string name;  // for people: "prod/Admin"
  MadeProfile made;
};

/// The keys of a profile for that role, by the session's section or, without one, by the portal itself.
std::vector<std::pair<std::string, std::string>> sso_keys(const SsoSession& session, const std::string& account_id,
                                                          const std::string& role);
/// `account_name` may be empty.
NamedProfile profile_of_role(const SsoSession& session, const std::string& account_id, const std::string& account_name,
                             const std::string& role);

}  // namespace credentials
