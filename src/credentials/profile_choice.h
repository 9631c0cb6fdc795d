// Which profile is meant, where perhaps none was named, and what its credentials begin with: the order of the SDKs'
// default chain. It decides nothing about sessions, durations or MFA; plan() does.
#pragma once

#include "base/result.h"
#include "credentials/chain.h"
#include "credentials/resolution.h"

#include <string>

namespace credentials {

struct ProfileChoice {
  std::string profile;  // empty: none, the environment or the machine gives the credentials
  Reasoned why;
  Resolution found;
};

/// Errors as plan().
base::Result<ProfileChoice> choose_profile(const Facts& facts, const Request& request);

}  // namespace credentials
