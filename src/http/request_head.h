// The head of a request to one of our loopback servers, taken apart where it lies: it may hold a token, so nothing of
// it is copied. Boost.Beast's parser decides what HTTP is; what a program of our own user never sends is refused here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace http {

struct HeadField {
  std::string_view name;
  std::string_view value;
};

/// Views into the bytes that were parsed.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::vector<HeadField> fields;  // in order, as sent
  std::size_t size = 0;           // of the head, its empty line included
  bool keeps_alive = false;
  bool is_chunked = false;
  std::uint64_t body_size = 0;  // by Content-Length

  /// The value of the one field of that name (letters' case aside); nullopt where there is none or more than one.
  std::optional<std::string_view> one(std::string_view name) const;
  bool has(std::string_view name) const;
};

enum class HeadState {
  partial,  // more bytes must come
  whole,
  malformed,  // it can become no head of HTTP/1.x, or it has folded fields
};

/// Parses the head at the begin of `bytes`. `into` is used again, so that a server allocates nothing for each request.
HeadState parse_request_head(std::span<const std::byte> bytes, RequestHead& into);

/// Whether Host names this machine's loopback and `port`: a page of another name that resolves to this machine must not
/// be able to speak to us.
bool is_own_host(std::string_view host, std::uint16_t port);

/// Whether it has a field that only browsers send: Origin, Referer, Sec-Fetch-*.
bool has_browser_mark(const RequestHead& head);

/// 0, or the status that answers what no client of ours sends: 405 for OPTIONS, 400 for another form of target or a
/// missing, second or foreign Host, 403 for a browser's mark.
int refusal_of(const RequestHead& head, std::uint16_t port);

}  // namespace http
