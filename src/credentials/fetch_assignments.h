// A session's accounts and roles, fetched where they are not kept or too old: one process at a time, kept every second,
// so that an interrupted fetch goes on. How the calls are paced is listing.h's.
#pragma once

#include "credentials/assignments.h"
#include "credentials/listing.h"
#include "credentials/sign_in.h"
#include "credentials/sso_session.h"
#include "secret/places.h"

#include <functional>
#include <memory>
#include <string_view>

namespace credentials {

struct FetchTools {
  std::function<std::unique_ptr<http::Client>()> make_http;  // one for each call under way
  std::function<void(const FetchProgress&)> progress;        // every second or so
  std::function<void(std::string_view)> note;                // one line for people
};

/// The kept listing where it is younger than `max_age`, else a new one; goes on where an interrupted one stopped.
/// What is fetched is kept on any failure. Errors: of the sign-in and of AWS; unreachable after a minute of nothing.
base::Result<Assignments> fetch_assignments(SignIns& sign_ins, const SsoSession& session, const secret::Places& places,
                                            base::Clock& clock, base::Duration max_age, SignInUse use,
                                            const FetchTools& tools);

}  // namespace credentials
