// Variables of the environment that decide over profiles, endpoints and proxies. Pure; no value of a secret one is
// looked at, and none is shown.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "doctor/finding.h"

#include <functional>
#include <string_view>

namespace doctor {

struct VariableFacts {
  const base::Environment& environment;
  base::Instant now;
  std::function<bool(std::string_view name)> is_profile;
  std::function<bool(std::string_view path)> is_file;
  std::function<bool(std::string_view url)> is_loopback;  // of a URL
};

/// Keys and selectors that win over profiles.
Findings check_credential_variables(const VariableFacts& facts);
/// AWS_ENDPOINT_URL and its fellows, AWS_CA_BUNDLE.
Findings check_endpoint_variables(const VariableFacts& facts);
/// HTTPS_PROXY and its fellows: passwords in them, and what must not go through them.
Findings check_proxies(const base::Environment& environment);

/// An endpoint_url of AWS's config file.
struct EndpointSetting {
  std::string url;
  std::string where;
  bool is_loopback = false;
};
Findings check_endpoint_settings(const std::vector<EndpointSetting>& settings);

}  // namespace doctor
