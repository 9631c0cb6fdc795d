// The one seam between those who need credentials and those who get them: the broker implements it in this process, an
// agent's client may implement it over a socket. Nobody above knows which.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <vector>

namespace credentials {

enum class SessionUse {
  as_planned,
  none,      // --no-session: the long-term keys themselves
  own_user,  // a session of the user whose key is sealed for the profile, without its roles: for that user's own keys
};
enum class Cache { use, renew };  // renew: what is cached is not used, what is fetched is cached

/// What a caller wants. Everything here that changes the answer is part of the cache key.
struct Request {
  std::string profile;  // empty: what an SDK's default chain would take
  std::string region;   // empty: the profile's
  std::optional<base::Duration> duration;
  base::Duration min_ttl{std::chrono::minutes{5}};  // a cached session with less left is renewed
  bool min_ttl_is_demand = false;  // --min-ttl was given: raise the duration, fail where no cap allows it
  SessionUse session = SessionUse::as_planned;
  Cache cache = Cache::use;
  std::optional<secret::Bytes> mfa_code;  // --mfa-token: used once, before anybody is asked
};

struct Answer {
  aws::Credentials credentials;
  std::string profile;  // as resolved
  std::string region;   // empty where none is known
  std::vector<std::string> warnings;
};

class Source {
 public:
  virtual ~Source() = default;
  /// Errors: sign_in_needed where a prompt is needed and nobody can be asked; not_found for a profile; all of AWS's.
  virtual base::Result<Answer> get(Request request) = 0;
};

}  // namespace credentials
