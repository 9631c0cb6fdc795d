#include "deliver/door_reply.h"

#include "base/text.h"
#include "http/status.h"
#include "secret/cipher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace deliver {
namespace {

constexpr std::size_t kRequestIdBytes = 8;
constexpr std::array<std::string_view, 8> kHopByHop{"connection",        "keep-alive", "proxy-authenticate",
                                                    "proxy-connection",  "te",         "trailer",
                                                    "transfer-encoding", "upgrade"};
constexpr std::array<std::string_view, 4> kJsonServices{"es", "aoss", "execute-api", "lambda"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : base::printable(text, 500)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : base::printable(text, 500)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

bool speaks_json(const http::StreamRequest& request, std::string_view service) {
  const std::string* const type = request.header("content-type");
  return std::ranges::find(kJsonServices, service) != kJsonServices.end() ||
         (type != nullptr && (type->starts_with("application/x-amz-json") || type->starts_with("application/json")));
}

}  // namespace

void send_refusal(http::Exchange& exchange, std::string_view service, const aws::ServiceRefusal& refusal) {
  const auto id = secret::random_hex(kRequestIdBytes);
  const auto& request = exchange.request();
  std::vector<http::Header> headers{{service == "s3" ? "x-amz-request-id" : "x-amzn-RequestId", id},
                                    {"Cache-Control", "no-store"}};
  std::string body;
  if (service == "s3") {
    headers.push_back({"Content-Type", "application/xml"});
    body = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>"
        "<Resource>{}</Resource><RequestId>{}</RequestId><HostId>kabuto</HostId></Error>",
        refusal.code, escaped(refusal.message),
        escaped(std::string_view(request.target).substr(0, request.target.find('?'))), id);
  } else if (speaks_json(request, service)) {
    headers.push_back({"Content-Type", "application/x-amz-json-1.0"});
    headers.push_back({"x-amzn-ErrorType", refusal.code});
    body = fmt::format(R"({{"__type":"{}","message":"{}"}})", refusal.code, json_escaped(refusal.message));
  } else {
    headers.push_back({"Content-Type", "text/xml"});
    body = fmt::format(
        "<ErrorResponse><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message></Error>"
        "<RequestId>{}</RequestId></ErrorResponse>",
        refusal.status >= http::kInternalServerError ? "Receiver" : "Sender", refusal.code, escaped(refusal.message),
        id);
  }
  (void)exchange.answer(refusal.status, headers, body);
}

bool is_hop_by_hop(std::string_view name, const std::vector<http::Header>& headers) {
  const auto same = [&](std::string_view other) { return base::equals_ignoring_case(name, other); };
  if (std::ranges::any_of(kHopByHop, same)) return true;
  for (const auto& header : headers) {
    if (!base::equals_ignoring_case(header.name, "connection")) continue;
    for (const auto word : base::split(header.value, ','))
      if (same(base::trim(word))) return true;
  }
  return false;
}

bool PassedReply::head(int status, const std::vector<http::Header>& headers) {
  status_ = status;
  std::optional<std::uint64_t> length;
  std::vector<http::Header> kept;
  for (const auto& header : headers) {
    if (base::equals_ignoring_case(header.name, "date")) date_ = base::parse_http_date(header.value);
    if (base::equals_ignoring_case(header.name, "content-length")) {
      if (const auto value = base::parse_integer(header.value); value && *value >= 0)
        length = static_cast<std::uint64_t>(*value);
      continue;
    }
    // What could end a line early for a client that reads loosely goes no further.
    if (header.value.find('\r') != std::string::npos || is_hop_by_hop(header.name, headers)) continue;
    kept.push_back(header);
  }
  return exchange_.begin_reply(status, kept, length);
}

}  // namespace deliver
