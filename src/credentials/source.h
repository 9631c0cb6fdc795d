// The one seam between those who need credentials and those who get them: the broker implements it in this process, an
// agent's client may implement it over a socket. Nobody above knows which.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace credentials {

enum class SessionUse {
  as_planned,
  none,      // --no-session: the long-term keys themselves
  own_user,  // a session of the user whose key is sealed for the profile, without its roles: for that user's own keys
};
/// Whether a browser window or a device code may be brought up where an Identity Center sign-in is needed.
enum class SignInUse {
  never,    // background callers: the error says what to run
  may_ask,  // a person at a terminal
};
enum class Cache { use, renew };  // renew: what is cached is not used, what is fetched is cached

/// Keys of a profile that no file holds: what --account, --role and --via ask for, as if it stood in the config file.
struct MadeProfile {
  std::vector<std::pair<std::string, std::string>> keys;
  std::string origin;  // "--account"; stands where a file's line would
};

/// How long GetSessionToken is asked for where nobody says, under the name of a tool with other defaults than ours.
struct UsualLength {
  base::Duration length;
  std::string why;  // "AWS_SESSION_TOKEN_TTL"
};

/// What a caller wants. Everything here that changes the answer is part of the cache key.
struct Request {
  std::string profile;  // empty: what an SDK's default chain would take
  std::string region;   // empty: the profile's
  std::optional<base::Duration> duration;
  base::Duration min_ttl{std::chrono::minutes{5}};  // a cached session with less left is renewed
  bool is_renewed = false;         // an endpoint renews it for hours: a way on which nobody is asked again is preferred
  bool min_ttl_is_demand = false;  // --min-ttl was given: raise the duration, fail where no cap allows it
  std::optional<UsualLength> session_length;      // of a session that is the answer
  std::optional<UsualLength> session_on_the_way;  // of one that signs the call for a role
  SessionUse session = SessionUse::as_planned;
  Cache cache = Cache::use;
  SignInUse sign_in = SignInUse::never;
  std::optional<MadeProfile> made;        // then `profile` is its name
  std::optional<secret::Bytes> mfa_code;  // --mfa-token: used once, before anybody is asked
};

struct Answer {
  aws::Credentials credentials;
  std::string profile;                 // as resolved
  std::string region;                  // empty where none is known
  std::optional<base::Duration> left;  // of the credentials, by AWS's clock; nullopt: they do not expire
  std::vector<std::string> warnings;
  bool is_new = false;  // fetched since the question, by whomever; else from the cache
};

class Source {
 public:
  virtual ~Source() = default;
  /// Errors: sign_in_needed where a prompt is needed and nobody can be asked; not_found for a profile; all of AWS's.
  virtual base::Result<Answer> get(Request request) = 0;
};

}  // namespace credentials
