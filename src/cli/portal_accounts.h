// What commands share that deal with Identity Center's accounts and roles: which session is meant, the kept listings,
// and a new one with its progress shown.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/session_options.h"
#include "credentials/assignments.h"
#include "credentials/made_profile.h"
#include "credentials/sso_session.h"

#include <string>
#include <vector>

namespace cli {

class Context;

/// As session_meant; empty: the only one there is, or one that a person chooses for `command`. Errors: not_found,
/// usage.
base::Result<credentials::SsoSession> session_or_chosen(Context& context, const std::string& name,
                                                        const std::string& command);
/// The listing that is kept where it is younger than `max_age`, else a new one.
base::Result<credentials::Assignments> listing_of(Context& context, const credentials::SsoSession& session,
                                                  base::Duration max_age, credentials::SignInUse sign_in);
/// "3h ago"
std::string age_of(const credentials::Assignments& listing, base::Clock& clock);

/// The profile that --account, --role and --session ask for; they are set to what was found. A listing is fetched where
/// none is kept and a name must be looked up.
base::Result<credentials::NamedProfile> profile_of_account(Context& context, SessionOptions& options,
                                                           credentials::SignInUse sign_in);
/// The profile for a role's ARN with --via.
base::Result<credentials::NamedProfile> profile_of_arn(Context& context, const SessionOptions& options);

}  // namespace cli
