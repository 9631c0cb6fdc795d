// A credential_process that asks kabuto for the very profile it stands in: it gives other tools the sealed key's
// credentials, and is no source for kabuto itself. What `kabuto import` writes is of this form.
#pragma once

#include <string_view>

namespace credentials {

/// Whether the command is kabuto, by whatever path, asked for this profile.
bool is_own_process(std::string_view command, std::string_view profile);

}  // namespace credentials
