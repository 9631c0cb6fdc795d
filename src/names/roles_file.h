// ~/.aws/roles, the file of assume-role: roles by name, each with its ARN and perhaps an MFA device. It is YAML of the
// one shape that assume-role documents; anything else is an error that names the line, never a guess.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace names {

struct FileRole {
  std::string name;
  std::string role_arn;
  std::string mfa_serial;  // empty: none
};

/// Two levels of keys, values on their line, plain or in quotes; comments. Errors: failure, "line 3: …".
base::Result<std::vector<FileRole>> parse_roles(std::string_view text);

}  // namespace names
