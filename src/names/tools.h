// The functions of all names, one per file; the table in names.cc names each once.
#pragma once

#include "names/names.h"

namespace names {

int run_aws_vault(const Call& call);
int run_aws_mfa(const Call& call);
int run_aws2_wrap(const Call& call);
int run_assume_role(const Call& call);

}  // namespace names
