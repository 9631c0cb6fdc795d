#include "credentials/made_profile.h"

#include "credentials/config_sync.h"

namespace credentials {

std::vector<std::pair<std::string, std::string>> sso_keys(const SsoSession& session, const std::string& account_id,
                                                          const std::string& role) {
  std::vector<std::pair<std::string, std::string>> keys;
  if (!session.name.empty()) {
    keys.emplace_back("sso_session", session.name);
  } else {
    keys.emplace_back("sso_start_url", session.start_url);
    keys.emplace_back("sso_region", session.region);
  }
  keys.emplace_back("sso_account_id", account_id);
  keys.emplace_back("sso_role_name", role);
  return keys;
}

NamedProfile profile_of_role(const SsoSession& session, const std::string& account_id, const std::string& account_name,
                             const std::string& role) {
  return {name_part(account_name, account_id) + "/" + role,
          {sso_keys(session, account_id, role),
           "--account " + account_id + " --role " + role + " --session " + session.id()}};
}

}  // namespace credentials
