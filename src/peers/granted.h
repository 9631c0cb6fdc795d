// granted's configuration and its keyring of IAM keys. What it writes into AWS's own files is aws_files.h's.
#pragma once

#include "peers/keyring_store.h"

namespace peers {

/// The portals of its configuration, and where its keys lie, which the configuration may say.
KeyringPlaces find_granted_configuration(const Machine& machine, Findings& out);

}  // namespace peers
