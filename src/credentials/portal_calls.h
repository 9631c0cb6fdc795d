// Several calls of Identity Center's portal at a time, behind a seam: a thread and an http::Client each in the product,
// a fake server on a fake clock in tests. It paces nothing and repeats nothing.
#pragma once

#include "aws/endpoint.h"
#include "aws/sso.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "secret/bytes.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace credentials {

struct PortalCall {
  std::string account_id;  // empty: the accounts themselves, else the roles of one
  std::string next_token;
};
using PortalReply = std::variant<aws::SsoPage<aws::SsoAccount>, aws::SsoPage<std::string>, aws::Throttled>;
struct PortalDone {
  std::uint64_t number = 0;
  base::Result<PortalReply> reply;
};

class PortalCalls {
 public:
  virtual ~PortalCalls() = default;
  /// So many may be under way.
  virtual std::size_t most() const = 0;
  virtual void start(std::uint64_t number, const PortalCall& call, const secret::Bytes& access_token) = 0;
  /// Waits for the next one to end, `at_most` so long; nullopt then.
  virtual std::optional<PortalDone> next(base::Duration at_most) = 0;
};

/// `make_http` is called in the caller's thread, once per thread that is needed. `clock` must stand for being asked by
/// several threads, and outlive the calls. Destruction waits for what is under way.
std::unique_ptr<PortalCalls> threaded_portal_calls(std::function<std::unique_ptr<http::Client>()> make_http,
                                                   base::Clock& clock, aws::Endpoint endpoint);

}  // namespace credentials
