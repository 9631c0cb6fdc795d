// Which profiles a config file gets for the accounts and roles of an Identity Center session: names from a template,
// keys in one of two forms, and how that differs from what stands there. Pure; aws/marked_block.h puts it into the
// file.
#pragma once

#include "base/result.h"
#include "credentials/assignments.h"
#include "credentials/sso_session.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace credentials {

inline constexpr std::string_view kDefaultTemplate = "{account}-{role}";

enum class ProfileForm : std::uint8_t {
  sso_session,  // sso_session, sso_account_id, sso_role_name
  process,      // credential_process = kabuto process --account … --role … --session …
};

/// A wildcard pattern of account names, in any case, and the environment that it means.
struct EnvironmentRule {
  std::string pattern;
  std::string environment;
};
/// "prod*=prod"; error: usage.
base::Result<EnvironmentRule> parse_environment_rule(std::string_view text);

struct SyncOptions {
  std::string name_template{kDefaultTemplate};
  std::vector<EnvironmentRule> environments;  // the first that fits counts; none: the usual words for prod, stage, …
  std::vector<std::string> include;           // wildcards over ACCOUNT-NAME/ROLE, ACCOUNT-NAME or id; none: all
  std::vector<std::string> exclude;
  ProfileForm form = ProfileForm::sso_session;
  std::string region;  // empty: none is written
};

struct SyncedProfile {
  std::string name;
  std::string account_id;
  std::string account;
  std::string role;
  std::vector<std::pair<std::string, std::string>> keys;
};

struct SyncPlan {
  std::vector<SyncedProfile> profiles;                        // by account, then role
  std::vector<std::pair<std::string, std::string>> left_out;  // name, and where a profile of that name stands already
  std::vector<std::string> lengthened;                        // names that two shared, now with the account's id
};

/// `taken`: where a profile of that name stands outside of the block. Errors: usage (the template; two roles that get
/// one name even with the account's id in it, both named).
base::Result<SyncPlan> plan_sync(const Assignments& assignments, const SsoSession& session, const SyncOptions& options,
                                 const std::function<std::optional<std::string>(const std::string& name)>& taken);
/// The block's body; empty where there is no profile.
std::string body_of(const SyncPlan& plan, const SsoSession& session);

enum class Change : std::uint8_t { kept, added, changed, removed };
struct ProfileChange {
  Change change;
  std::string name;
  std::string before;  // the lines of the section
  std::string after;
};
/// By name, those that are kept too.
std::vector<ProfileChange> changes_between(std::string_view old_body, std::string_view new_body);

/// A name as part of a profile's: what a profile's name cannot hold becomes '-'; `fallback` where nothing is left.
std::string name_part(std::string_view text, std::string_view fallback);

}  // namespace credentials
