// One profile's credentials behind an endpoint: what may be served now, and when to renew it. It fetches nothing.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "deliver/lease.h"

#include <optional>
#include <string>

namespace deliver {

class ServedCredentials {
 public:
  ServedCredentials(Lease lease, const base::Clock& clock);

  /// Expired credentials are never served: by the wall clock, which runs on while the machine sleeps, and by the
  /// monotonic one, which nobody sets, whichever says so first.
  bool is_live() const;
  const Lease& lease() const { return lease_; }
  /// Changes with every lease and every failure.
  unsigned generation() const { return generation_; }
  /// Why there is no newer lease; none after a success.
  const std::optional<base::Error>& failure() const { return failure_; }

  void renewed(Lease lease);
  void failed(base::Error error);
  /// A request found nothing to serve: what failed a while ago is tried again at once.
  void want();

  /// How long until a renewal shall start; zero: now. `nullopt`: never, the credentials do not expire.
  std::optional<base::Duration> until_renewal() const;

 private:
  std::optional<base::Duration> left() const;
  void take(Lease lease);

  const base::Clock& clock_;
  Lease lease_;
  base::Instant ends_{};
  base::Duration ends_monotonic_{0};
  base::Duration renewed_below_{0};  // with less left than this
  unsigned generation_ = 0;
  std::optional<base::Error> failure_;
  base::Duration tried_{0};  // when the last try ended, monotonic
  base::Duration pause_{0};  // from then to the next one
};

}  // namespace deliver
