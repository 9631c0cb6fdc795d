// A profile's credentials as text on standard output, for `kabuto export`, `kabuto process` and the names of other
// tools that do the same.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/session_options.h"
#include "credentials/source.h"
#include "deliver/formats.h"

namespace cli {

class Context;

struct PrintWish {
  base::Duration min_ttl;
  deliver::Format format;
  credentials::SignInUse sign_in;
};

/// Errors: those of the broker; failure where standard output takes no more.
base::Result<void> print_credentials(Context& context, SessionOptions& options, const PrintWish& wish);

}  // namespace cli
