// One request that will be passed on: its head with the way its body is framed, read more strictly than HTTP asks.
// What two programs could read in two ways is refused, so that nothing can hide in it. It knows no service.
#pragma once

#include "http/message.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace http {

inline constexpr std::size_t kLongestStreamHead = std::size_t{32} * 1024;

enum class BodyFraming { none, length, chunked };

struct StreamRequest {
  std::string method;
  std::string target;  // path and query as sent, beginning with '/', in visible ASCII
  std::string host;    // of the Host header, lower case, with its port
  std::vector<Header> headers;
  BodyFraming framing = BodyFraming::none;
  std::uint64_t length = 0;  // of the body, where the framing is by length
  bool keep_alive = true;
  bool knows_chunks = true;  // HTTP/1.1
  bool expects_continue = false;

  /// The first header of that name, any case; null where there is none.
  const std::string* header(std::string_view name) const;
};

/// Why a request is not served: the status and one line for its sender.
struct StreamRefusal {
  int status = 400;
  std::string why;
};

/// How many bytes the head takes, its blank line included; 0 while it is not all there.
std::size_t head_size(std::string_view text);

/// `head` is all of one head. Refused: bare CR or LF, folded lines, NUL; no Host or two; an absolute target; a length
/// and chunks together, two of either; OPTIONS; what a browser marks as its own (Origin, Referer, Sec-Fetch-*).
std::expected<StreamRequest, StreamRefusal> parse_stream_request(std::string_view head);

}  // namespace http
