// Whose a cached session is, to those who show the time left: an Identity Center role's session serves every profile
// that names the role, and the role without a profile; any other serves the profile that it was got for.
#pragma once

#include "secret/session_file.h"

#include <string>
#include <string_view>

namespace cli {

/// Never a profile's name: those hold no line end.
inline std::string owner_of_role(std::string_view sign_in, std::string_view account_id, std::string_view role) {
  return std::string("\n").append(sign_in).append("\n").append(role).append(" of ").append(account_id);
}

inline std::string owner_of(const secret::SessionHeader& header) {
  const auto sign_in = header.more.find("sign_in");
  // A role that is assumed on top of such a session is named by its ARN.
  if (sign_in == header.more.end() || header.what.starts_with("arn:")) return header.profile;
  return "\n" + sign_in->second + "\n" + header.what;
}

}  // namespace cli
