#include "http/reply.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace http {
namespace {

constexpr std::size_t kLongestMessage = 1000;

struct Reason {
  int status;
  std::string_view text;
};
constexpr std::array kReasons{
    Reason{200, "OK"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{408, "Request Timeout"},
    Reason{413, "Content Too Large"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{503, "Service Unavailable"},
};

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : base::printable(text, kLongestMessage)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

secret::Bytes reply_of(const ReplyKind& kind, const secret::Bytes& body) {
  const auto known = std::ranges::find(kReasons, kind.status, &Reason::status);
  std::string head = "HTTP/1.1 " + std::to_string(kind.status) + " ";
  head += known == kReasons.end() ? "Error" : known->text;
  head += "\r\nContent-Type: ";
  head += kind.content_type;
  head += "\r\nContent-Length: " + std::to_string(body.size());
  head += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  head += kind.more_fields;
  if (kind.closes) head += "Connection: close\r\n";
  head += "\r\n";
  return secret::Bytes::concatenated(secret::Bytes::copy_of(head), body);
}

secret::Bytes error_body(std::string_view code, std::string_view message) {
  return secret::Bytes::copy_of(R"({"code":")" + json_text(code) + R"(","message":")" + json_text(message) + "\"}\n");
}

}  // namespace http
