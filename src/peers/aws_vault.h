// Where aws-vault keeps its keys, by its own settings: the environment's variables and its defaults.
#pragma once

#include "aws/profile.h"
#include "base/environment.h"
#include "peers/keyring_store.h"

namespace peers {

KeyringPlaces aws_vault_keyring(const base::Environment& environment, const aws::Profiles& files);

/// The stores of other tools that aws-vault may use and that are not read here: said where it is set to one of them.
void remark_on_other_backends(const base::Environment& environment, Findings& out);

/// A leading "~/" as the home directory.
std::string expanded(std::string_view path, const base::Environment& environment);

}  // namespace peers
