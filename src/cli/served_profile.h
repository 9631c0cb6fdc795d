// What exec --server and serve share: the first credentials, which may ask a person, and what the endpoint's process is
// told so that it can renew them without asking anybody.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/session_options.h"
#include "credentials/next_asking.h"
#include "credentials/source.h"
#include "deliver/handover.h"

#include <string_view>

namespace cli {

class Context;
class Output;

/// The request of a profile that an endpoint renews. Errors: as request_of.
base::Result<credentials::Request> renewed_request_of(Context& context, SessionOptions& options,
                                                      credentials::SignInUse sign_in);

/// How the store that the sealed keys are in is opened; looks at its slots and unlocks nothing.
credentials::KeyOpening key_opening(Context& context);

/// What the metadata service lacks, for whoever starts one.
void warn_of_metadata_service(Output& output);

/// Fetches the credentials, says until when they renew without a person where one will be needed, and makes a path and
/// a token for them. Errors: as fetch; refused (values that cannot be handed on).
base::Result<deliver::ServedProfile> fetch_served(Context& context, SessionOptions& options);

/// What a process of ours does that an endpoint has started for a renewal: fetches, asks nobody, and writes the lease
/// to standard output. Errors: usage at a terminal, which no endpoint has.
base::Result<int> renew_for_endpoint(Context& context, SessionOptions& options);

}  // namespace cli
