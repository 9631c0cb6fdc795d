// kabuto-sim login-cache: what `aws login` leaves on a machine, written without a browser.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <vector>

namespace sim {

/// Writes the file into AWS_LOGIN_CACHE_DIRECTORY, or ~/.aws/login/cache; the answer is the login_session of a profile.
base::Result<std::string> write_login_cache(const std::vector<std::string>& arguments,
                                            const base::Environment& environment);

}  // namespace sim
