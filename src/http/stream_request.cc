#include "http/stream_request.h"

#include "base/text.h"
#include "http/request_head.h"
#include "http/status.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace http {
namespace {

using Refused = std::unexpected<StreamRefusal>;

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::array<std::string_view, 3> kNoMethods{"CONNECT", "OPTIONS", "TRACE"};

Refused refuse(int status, std::string why) { return Refused({status, std::move(why)}); }

/// Every line ends in CRLF, none is folded, and there is no other control character than a tab.
bool has_clean_lines(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    if (c == '\r') {
      if (i + 1 >= head.size() || head[i + 1] != '\n') return false;
    } else if (c == '\n') {
      if (i == 0 || head[i - 1] != '\r') return false;
      if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return false;
    } else if ((c < ' ' && c != '\t') || c == 0x7f) {
      return false;
    }
  }
  return true;
}

bool is_target(std::string_view target) {
  return target.starts_with('/') &&
         std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '\\'; });
}

/// The one value of a header; nullopt where there is none. `several` where it comes twice.
std::optional<std::string_view> only(const StreamRequest& request, std::string_view name, bool& several) {
  std::optional<std::string_view> found;
  for (const auto& header : request.headers) {
    if (!base::equals_ignoring_case(header.name, name)) continue;
    several = several || found.has_value();
    found = header.value;
  }
  return found;
}

std::expected<void, StreamRefusal> read_framing(StreamRequest& request) {
  bool several = false;
  const auto length = only(request, "content-length", several);
  const auto coding = only(request, "transfer-encoding", several);
  if (several || (length && coding)) return refuse(kBadRequest, "the length of the body is given twice");
  if (coding) {
    if (!base::equals_ignoring_case(*coding, "chunked") || !request.knows_chunks)
      return refuse(kBadRequest, "the transfer encoding is not plain chunked");
    request.framing = BodyFraming::chunked;
  } else if (length) {
    const bool digits = !length->empty() && std::ranges::all_of(*length, [](char c) { return c >= '0' && c <= '9'; });
    const auto value = digits ? base::parse_integer(*length) : std::nullopt;
    if (!value) return refuse(kBadRequest, "the Content-Length is no number");
    request.length = static_cast<std::uint64_t>(*value);
    if (request.length > 0) request.framing = BodyFraming::length;
  }
  return {};
}

std::expected<void, StreamRefusal> read_expectation(StreamRequest& request) {
  bool several = false;
  const auto expected = only(request, "expect", several);
  if (!expected) return {};
  if (several || !base::equals_ignoring_case(*expected, "100-continue"))
    return refuse(kExpectationFailed, "only 100-continue can be expected");
  request.expects_continue = request.framing != BodyFraming::none;
  return {};
}

}  // namespace

const std::string* StreamRequest::header(std::string_view name) const {
  for (const auto& header : headers)
    if (base::equals_ignoring_case(header.name, name)) return &header.value;
  return nullptr;
}

std::size_t head_size(std::string_view text) {
  const auto end = text.find(kHeadEnd);
  return end == std::string_view::npos ? 0 : end + kHeadEnd.size();
}

std::expected<StreamRequest, StreamRefusal> parse_stream_request(std::string_view text) {
  if (!has_clean_lines(text)) return refuse(kBadRequest, "a line of the request is malformed");
  RequestHead words;
  if (parse_request_head(std::as_bytes(std::span(text)), words) != HeadState::whole)
    return refuse(kBadRequest, "the request is malformed");
  if (std::ranges::find(kNoMethods, words.method) != kNoMethods.end())
    return refuse(kMethodNotAllowed, std::string(words.method) + " is not served");
  if (!is_target(words.target)) return refuse(kBadRequest, "the target is not a plain path");
  const auto host = words.one("host");
  if (!host) return refuse(kBadRequest, "there must be one Host");
  if (has_browser_mark(words)) return refuse(kForbidden, "a page in a browser is not served");
  StreamRequest request;
  request.method = words.method;
  request.target = words.target;
  request.host = base::lower_ascii(*host);
  for (const auto& field : words.fields) request.headers.push_back({std::string(field.name), std::string(field.value)});
  request.keep_alive = words.keeps_alive;
  request.knows_chunks = text.substr(0, text.find('\r')).ends_with("HTTP/1.1");
  if (auto good = read_framing(request); !good) return Refused(good.error());
  if (auto good = read_expectation(request); !good) return Refused(good.error());
  return request;
}

}  // namespace http
