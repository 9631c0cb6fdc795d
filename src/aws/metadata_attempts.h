// How the endpoints inside AWS are asked: short patience, a few attempts, no redirect, plain http only to their fixed
// addresses. It knows no path and no reply.
#pragma once

#include "aws/service_error.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"

#include <span>
#include <string>
#include <utility>

namespace aws {

struct Patience {
  base::Duration each;  // of one attempt
  int attempts = 1;
  base::Duration pause{0};  // between two
};

/// A request to such an endpoint.
inline http::Request metadata_request(std::string method, std::string url) {
  http::Request request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.plain = http::PlainHttp::metadata;
  return request;
}

/// Sends once. Replies are small, so more than 64 KiB are refused.
inline base::Result<http::Response> send_once(http::Client& http, const http::Request& request, base::Duration each) {
  constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
  return http.send(request, {.connect = each, .total = each, .reply_bytes = kMostBytes, .header_bytes = kMostBytes});
}

/// The result of `attempt`, which is made again while it ends with `unreachable`.
template <class Attempt>
auto attempted(const Patience& patience, base::Clock& clock, Attempt&& attempt) -> decltype(attempt()) {
  for (int number = 1;; ++number) {
    auto result = attempt();
    if (result || result.error().kind != base::ErrorKind::unreachable || number >= patience.attempts) return result;
    clock.sleep(patience.pause);
  }
}

/// A reply that is no success, as an error; `sent` are the secrets of the request. 5xx and throttling: unreachable.
inline base::Error metadata_refusal(http::Response response, std::span<const secret::Bytes* const> sent) {
  const int status = response.status;
  base::Error error = explained(read_service_error(std::move(response), sent));
  if (error.kind != base::ErrorKind::unreachable) error.hint.clear();
  if (status == 401 || status == 403) error.kind = base::ErrorKind::denied;
  if (status == 404) error.kind = base::ErrorKind::not_found;
  return error;
}

}  // namespace aws
