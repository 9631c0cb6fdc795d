// aws-sso-cli's configuration and its one record of everything secret, in a JSON file in clear or in its keyring.
#pragma once

#include "peers/find.h"
#include "peers/finding.h"

namespace peers {

/// Its portals, and the static keys that it keeps for IAM users.
void find_in_aws_sso(const Machine& machine, Findings& out);

}  // namespace peers
