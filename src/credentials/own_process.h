// A credential_process that is kabuto itself, for the sake of other tools: what `kabuto import` writes asks for the
// very profile it stands in, and is no source; what `kabuto config sync --form process` writes names a role of Identity
// Center, which kabuto takes from there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace credentials {

/// Whether the command is kabuto, by whatever path, asked for this profile.
bool is_own_process(std::string_view command, std::string_view profile);

struct OwnProcessRole {
  std::string account_id;
  std::string role_name;
  std::string session_id;  // as SsoSession::id()
};
/// Of a command that config_sync.h has written, `kabuto` by whatever path; nullopt for any other.
std::optional<OwnProcessRole> role_of_own_process(std::string_view command);

}  // namespace credentials
