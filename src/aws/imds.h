// The instance metadata service, version 2: a token first, then the role's name, then its credentials. Version 1 only
// where somebody asked for it by name. It keeps no token: the process that asked ends sooner than one would.
#pragma once

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/imds_settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"

#include <optional>
#include <string>

namespace aws {

struct InstanceCredentials {
  Credentials credentials;
  std::string role;
  std::string notice;  // one line where something was done that a person should know; empty: nothing was
};

/// Whether the answer to a token's request can be lost on its way: in a container, to which an instance's hop limit of
/// 1 does not reach.
enum class Reach { direct, through_a_container };

class Imds {
 public:
  /// All must outlive this object.
  Imds(http::Client& http, base::Clock& clock, Jitter& jitter, ImdsSettings settings, Reach reach)
      : http_(http), clock_(clock), jitter_(jitter), settings_(std::move(settings)), reach_(reach) {}

  /// Credentials that have ended, or nearly so, get a later end: AWS takes them while it cannot renew them. Errors:
  /// not_found (no role), denied, unreachable, refused (only version 1 is there), failure.
  base::Result<InstanceCredentials> credentials();

 private:
  base::Result<InstanceCredentials> ask();
  base::Result<void> take_token();
  base::Result<secret::Bytes> get(const std::string& path);
  base::Result<http::Response> get_once(const std::string& path);
  base::Result<void> without_token(const std::string& why, base::Error error);
  std::string where() const;

  http::Client& http_;
  base::Clock& clock_;
  Jitter& jitter_;
  ImdsSettings settings_;
  Reach reach_;
  secret::Bytes token_;  // empty: version 1
  std::string notice_;
};

/// The end to count with, as botocore has it: `end`, or where that is nearer than `window`, `window` from now.
base::Instant stable_end(base::Instant end, base::Instant now, base::Duration window);

}  // namespace aws
