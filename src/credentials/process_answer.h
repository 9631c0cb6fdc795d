// What a credential_process answers, version 1, read strictly and in place in locked memory. It runs nothing.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

namespace credentials {

/// Errors (failure) name the rule and never quote the answer. `now`: an answer that has expired is refused.
base::Result<aws::Credentials> read_process_answer(secret::Bytes answer, base::Instant now);

}  // namespace credentials
