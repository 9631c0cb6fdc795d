// Credentials on loan to a local endpoint: with the time they have left, so that who holds them can tell their end
// without AWS's clock.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <vector>

namespace deliver {

struct Lease {
  aws::Credentials credentials;
  std::optional<base::Duration> left;  // by AWS's clock; nullopt: they do not expire
  std::vector<std::string> warnings;   // of the fetching, for people
};

}  // namespace deliver
