// Where the instance metadata service is asked, how patiently, and whether its first version may be used, as the
// environment and the profile say.
#pragma once

#include "aws/settings.h"
#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>

namespace aws {

struct ImdsSettings {
  Choice endpoint;           // URL without a slash at the end, and who named it
  std::optional<Choice> v1;  // who asked for version 1 where the service gives no token; nullopt: nobody, it is refused
  base::Duration each{1'000};  // of one attempt
  int attempts = 3;
};

/// AWS_EC2_METADATA_SERVICE_ENDPOINT, _ENDPOINT_MODE, AWS_IMDS_USE_IPV6, AWS_EC2_METADATA_V1_DISABLED,
/// AWS_METADATA_SERVICE_TIMEOUT, _NUM_ATTEMPTS and the keys of the same names. Errors: refused, naming who said it.
base::Result<ImdsSettings> imds_settings(const SettingSources& from);

/// Whether AWS_EC2_METADATA_DISABLED is true, in any case.
bool imds_is_disabled(const base::Environment& environment);

}  // namespace aws
