// A long-term key as a person or a program gives it: typed, as JSON, or in the environment. It checks shapes before
// anything is sent or stored; its errors name the field and never repeat a secret.
#pragma once

#include "aws/credentials.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace credentials {

/// More than AWS's create-access-key prints.
inline constexpr std::size_t kMostKeyInput = std::size_t{16} * 1024;

/// Refuses what is no name for a profile: names go into files, arguments and the terminal, and what would need an
/// escape anywhere is none.
base::Result<void> check_profile_name(std::string_view name);

/// Refuses what is not a long-term key's id: session keys (ASIA…), ids of users and roles, anything of another shape.
base::Result<void> check_access_key_id(std::string_view id);

/// Both parts checked, white space at both ends dropped.
base::Result<aws::Credentials> key_of_parts(std::string_view id, secret::Bytes secret_access_key);

/// {"AccessKeyId": …, "SecretAccessKey": …}, or AWS's {"AccessKey": {…}}; other members are passed over. Parsed in
/// place.
base::Result<aws::Credentials> key_of_json(secret::Bytes text);

/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; refused where a session token stands beside them.
base::Result<aws::Credentials> key_of_environment(const base::Environment& environment);

}  // namespace credentials
