// Settings that are not credentials, by one order: command line, environment, profile, default. Each answer says who
// gave it, so that explain can print it.
#pragma once

#include "aws/profile.h"
#include "base/environment.h"
#include "base/result.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// A value and who said so: "--region", "AWS_REGION", "/home/u/.aws/config line 4", "the default".
struct Choice {
  std::string value;
  std::string origin;
};

/// What the settings of one call are read from. `profile` may be null: then only the other two count.
struct SettingSources {
  const base::Environment& environment;
  const Profiles* profiles = nullptr;  // for services sections
  const Profile* profile = nullptr;
  std::string_view region_flag = {};  // empty: not given
  std::string_view endpoint_flag = {};
};

/// AWS_PROFILE, then AWS_DEFAULT_PROFILE, then "default"; the flag or argument before all.
Choice selected_profile(const base::Environment& environment, std::string_view flag);

/// The first of the variables that is set, then the profile's key.
std::optional<Choice> chosen(const SettingSources& from, std::initializer_list<std::string_view> variables,
                             std::string_view key);

struct Flag {
  bool on = false;
  std::string origin;
};
/// As above, of a boolean: "true" or "false" in any case, else refused. nullopt where nobody says.
base::Result<std::optional<Flag>> chosen_flag(const SettingSources& from, std::string_view variable,
                                              std::string_view key);

/// AWS_REGION, AWS_DEFAULT_REGION, region; validated (refused). nullopt where nobody says.
base::Result<std::optional<Choice>> region(const SettingSources& from);
/// AWS_CA_BUNDLE, ca_bundle, REQUESTS_CA_BUNDLE; a leading "~/" is expanded.
std::optional<Choice> ca_bundle(const SettingSources& from);
/// Booleans: "true" in any case. Anything but true and false is refused.
base::Result<bool> use_fips(const SettingSources& from);
base::Result<bool> use_dualstack(const SettingSources& from);

struct Retry {
  std::string mode = "standard";
  unsigned max_attempts = 3;
};
/// AWS_RETRY_MODE, AWS_MAX_ATTEMPTS, retry_mode, max_attempts.
base::Result<Retry> retry(const SettingSources& from);

/// AWS_STS_REGIONAL_ENDPOINTS, sts_regional_endpoints; regional by default.
enum class StsEndpoints : std::uint8_t { regional, legacy };
base::Result<StsEndpoints> sts_endpoints(const SettingSources& from);

/// The URL configured for a service ("sts", "sso_oidc"), by the order of five; nullopt where none is or all are
/// ignored.
base::Result<std::optional<Choice>> endpoint_url(const SettingSources& from, std::string_view service_id);

}  // namespace aws
