// Which Identity Center sign-in a profile needs, as the files say it: [sso-session NAME], or the four sso_ keys of a
// legacy profile. Pure: it reads parsed files and calls nobody.
#pragma once

#include "aws/profile.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

struct SsoSession {
  std::string name;       // of the section; empty for a legacy profile
  std::string start_url;  // as configured
  std::string region;     // sso_region; empty where the files name none
  std::vector<std::string> scopes;
  bool auto_login = false;  // auto_login = true: a background caller may open a browser
  std::string where;        // "/home/u/.aws/config line 12"

  /// Names the sealed record and the AWS CLI's cache file: the section's name, else the start URL.
  const std::string& id() const { return name.empty() ? start_url : name; }
  bool operator==(const SsoSession&) const = default;
};

struct SsoRole {
  SsoSession session;
  std::string account_id;
  std::string role_name;
};

/// nullopt: the profile names no sso_account_id and no sso_role_name. Errors as AWS's CLI has them (failure): keys
/// missing, a session that does not exist, a key that says two things.
base::Result<std::optional<SsoRole>> sso_role_of(const aws::Profiles& profiles, const aws::Profile& profile);
/// The session that the profile names itself, also without account and role; nullopt: none. Errors as above.
base::Result<std::optional<SsoSession>> sso_session_of(const aws::Profiles& profiles, const aws::Profile& profile);
/// By the name of a section; not_found, naming those there are.
base::Result<SsoSession> sso_session_named(const aws::Profiles& profiles, std::string_view name);
/// Every section, then every portal of legacy profiles, each once. What cannot be read is left out.
std::vector<SsoSession> all_sso_sessions(const aws::Profiles& profiles);

}  // namespace credentials
