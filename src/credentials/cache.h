// The sealed sessions on disk, as credentials: what was fetched, when, and what AWS's clock said then. A damaged file
// is an error the caller may warn about; it is never served. It opens no store unless the kernel refuses keyrings.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "credentials/broker.h"

#include <optional>
#include <string>

namespace credentials {

/// A session with what is needed to judge its end later.
struct Kept {
  aws::Credentials credentials;
  base::Instant obtained;          // by this machine's clock
  base::Instant boot;              // this machine's clock minus its monotonic one: changes when the clock is set
  base::Duration clock_offset{0};  // AWS's clock minus ours, then
};

/// How long `kept` is still good, in AWS's time; negative or zero: it has ended. Where our clock has been set since,
/// the earlier of the two possible ends counts.
base::Duration time_left(const Kept& kept, const base::Clock& clock);

/// Every cached session that comes from that Identity Center sign-in; the number forgotten.
base::Result<std::size_t> forget_sessions_of_sign_in(const secret::Places& places, const std::string& id);

class SessionCache {
 public:
  explicit SessionCache(const Surroundings& around) : around_(around) {}

  /// nullopt: not there. store_damaged: there, and cannot be opened.
  base::Result<std::optional<Kept>> read(const std::string& key);
  /// `sign_in`: the id of the Identity Center sign-in that the session comes from; empty: none.
  base::Result<void> write(const std::string& key, const std::string& profile, const std::string& what,
                           const std::string& sign_in, const Kept& kept);
  void remove(const std::string& key);
  /// The session key, made where there is none yet.
  base::Result<const secret::Bytes*> ensure_key();

 private:
  base::Result<const secret::Bytes*> find_key();
  base::Result<std::string> key_name();

  const Surroundings& around_;
  std::optional<secret::Bytes> key_;
};

}  // namespace credentials
