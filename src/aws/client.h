// One call of an AWS service: signed ones of the query protocol, unsigned ones of Identity Center and console sign-in.
// Signing, retrying, clock correction, and AWS's errors as ours. It knows no action by name; sts.h and its like do.
#pragma once

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/query_form.h"
#include "aws/service_error.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "http/client.h"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aws {

/// Where the spread of waiting times comes from; tests bring their own.
class Jitter {
 public:
  virtual ~Jitter() = default;
  /// Anything from zero to `most`, both included.
  virtual base::Duration up_to(base::Duration most) = 0;
};

class RandomJitter final : public Jitter {
 public:
  base::Duration up_to(base::Duration most) override;
};

/// When a call may be made again by itself.
enum class Repeat {
  freely,           // it changes nothing, or the same thing twice
  unless_acted_on,  // only where AWS did not act on it: throttled, or the signature refused for its time
};

/// A call that no key signs: those of Identity Center and of console sign-in.
struct UnsignedCall {
  std::string method = "POST";
  std::string target;  // "/token", appended to the endpoint's URL
  std::vector<http::SecretHeader> secret_headers;
  std::string content_type;  // empty where there is no body
  secret::Bytes body;
};
enum class Attempts {
  several,
  one,
  unless_throttled,  // several, but throttling is handed up at once: the caller paces
};

/// A call that another key than a secret access key signs.
struct KeyedCall {
  /// The whole request, signed for that time of AWS's; called for each attempt.
  std::function<base::Result<http::Request>(base::Instant when)> request;
  std::vector<const secret::Bytes*> sent;  // secrets of it, which AWS may quote
};
/// The body of a success, or what AWS answered in its place.
using UnsignedReply = std::expected<secret::Bytes, ServiceError>;

class Client {
 public:
  /// The three must outlive the client. Not for use by two threads at once. The environment says whether the calls
  /// carry a trace.
  Client(http::Client& http, base::Clock& clock, Jitter& jitter, base::Environment environment = {})
      : http_(http), clock_(clock), jitter_(jitter), environment_(std::move(environment)) {}

  /// Makes the call with at most three attempts in 30 s and returns the body of a successful reply. Errors: denied,
  /// mfa_rejected, expired, unknown_key, not_found, unreachable, failure; the text names AWS's code and request id.
  base::Result<secret::Bytes> call(const Endpoint& endpoint, const Credentials& credentials, QueryForm form,
                                   Repeat repeat);

  /// As above, without a signature; refusals are handed up, after as many attempts as `attempts` says. Errors:
  /// unreachable, refused.
  base::Result<UnsignedReply> call_unsigned(const Endpoint& endpoint, UnsignedCall call, Repeat repeat,
                                            Attempts attempts = Attempts::several);

  /// As above, for a request that proves a key.
  base::Result<UnsignedReply> call_keyed(const KeyedCall& call, Repeat repeat);

  /// AWS's clock minus ours as the Date of the last reply told; zero before the first reply and below two seconds.
  base::Duration clock_offset() const { return measured_offset_; }
  /// AWS's time now. Judge expiries by this, never by the machine's own clock.
  base::Instant server_now() const { return clock_.now() + measured_offset_; }

 private:
  struct Plan;
  /// The one loop of attempts.
  base::Result<UnsignedReply> attempt(const Plan& plan);
  /// The reply's Date, which also becomes the measured offset.
  std::optional<base::Instant> measure(const http::Response& response);

  http::Client& http_;
  base::Clock& clock_;
  Jitter& jitter_;
  base::Environment environment_;
  base::Duration measured_offset_{0};
  base::Duration signing_offset_{0};  // zero until AWS has refused a signature for its time
};

}  // namespace aws
