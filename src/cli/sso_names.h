// Which Identity Center sign-in a person means by a word: a session's name, a profile's, or a portal's start URL.
#pragma once

#include "base/result.h"
#include "credentials/sso_session.h"

#include <string>
#include <vector>

namespace cli {

class Context;

/// A session by its name, a profile whose credentials come from one, a portal of legacy profiles by its start URL.
/// Errors: not_found, with the closest name there is.
base::Result<credentials::SsoSession> session_meant(Context& context, const std::string& word);

/// The only one of `sessions`, or the one that a person chooses. Errors: usage where nobody can be asked.
base::Result<credentials::SsoSession> choose_session(Context& context,
                                                     const std::vector<credentials::SsoSession>& sessions,
                                                     const std::string& command);

}  // namespace cli
