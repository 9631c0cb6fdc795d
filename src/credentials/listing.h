// The listing of every account and role, as fast as the server allows and no faster: several calls at a time, one pace
// for all. It knows no file and no sign-in; fetch_assignments.h does.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "credentials/assignments.h"
#include "credentials/portal_calls.h"
#include "secret/bytes.h"

#include <cstddef>
#include <functional>

namespace credentials {

struct FetchProgress {
  std::size_t accounts_done = 0;
  std::size_t accounts = 0;
  std::size_t calls = 0;      // made so far
  std::size_t throttled = 0;  // of them, those that the server refused for their rate
};

struct ListingTask {
  PortalCalls& calls;
  base::Clock& clock;
  /// Null: any token that is good; else another than this one, which AWS refused.
  std::function<base::Result<secret::Bytes>(const secret::Bytes* refused)> token;
  std::function<void(const Assignments&, const FetchProgress&)> keep;
};
/// Completes `listing`: accounts of it whose roles are known are not asked for again. On an error it holds what was
/// fetched.
base::Result<FetchProgress> complete_listing(Assignments& listing, const ListingTask& task);

}  // namespace credentials
