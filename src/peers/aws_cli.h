// The AWS CLI's caches: sign-ins and sessions of roles that lie in clear. Listed; kabuto reads the sign-ins by itself.
#pragma once

#include "peers/find.h"
#include "peers/finding.h"
#include "secret/bytes.h"

#include <optional>

namespace peers {

void find_cli_sessions(const Machine& machine, Findings& out);

/// When the session of a role in such a file ends; nullopt for what is none.
std::optional<base::Instant> end_of_cli_session(secret::Bytes text);

}  // namespace peers
