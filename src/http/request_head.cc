#include "http/request_head.h"

#include "base/text.h"
#include "http/status.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <string>

namespace http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr std::size_t kLongestPort = 5;

class HeadParser final : public beast::http::basic_parser<true> {
 public:
  explicit HeadParser(RequestHead& into) : into_(into) {}
  bool is_http_1_1() const { return is_http_1_1_; }

 private:
  static std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb /*method*/, beast::string_view method_text, beast::string_view target,
                       int version, error_code& error) override {
    error = {};
    is_http_1_1_ = version >= 11;
    into_.method = view(method_text);
    into_.target = view(target);
  }
  void on_field_impl(beast::http::field /*name*/, beast::string_view name_text, beast::string_view value,
                     error_code& error) override {
    error = {};
    into_.fields.push_back({view(name_text), view(value)});
  }
  void on_response_impl(int /*code*/, beast::string_view /*reason*/, int /*version*/, error_code& error) override {
    error = {};
  }
  void on_header_impl(error_code& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*size*/, error_code& error) override { error = {}; }
  std::size_t on_body_impl(beast::string_view text, error_code& error) override {
    error = {};
    return text.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/, error_code& error) override {
    error = {};
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, beast::string_view text, error_code& error) override {
    error = {};
    return text.size();
  }
  void on_finish_impl(error_code& error) override { error = {}; }

  RequestHead& into_;
  bool is_http_1_1_ = false;
};

bool is_browser_mark(std::string_view name) {
  constexpr std::string_view kFetch = "sec-fetch-";
  return base::equals_ignoring_case(name, "origin") || base::equals_ignoring_case(name, "referer") ||
         (name.size() >= kFetch.size() && base::equals_ignoring_case(name.substr(0, kFetch.size()), kFetch));
}

}  // namespace

std::optional<std::string_view> RequestHead::one(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& field : fields) {
    if (!base::equals_ignoring_case(field.name, name)) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

bool RequestHead::has(std::string_view name) const {
  return std::ranges::any_of(fields,
                             [&](const HeadField& field) { return base::equals_ignoring_case(field.name, name); });
}

HeadState parse_request_head(std::span<const std::byte> bytes, RequestHead& into) {
  if (bytes.empty()) return HeadState::partial;
  // A client that tries TLS first need not wait for a deadline.
  const char first = static_cast<char>(bytes.front());
  if (first < 'A' || first > 'Z') return HeadState::malformed;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto end = text.find("\r\n\r\n");
  if (end == text.npos) return HeadState::partial;
  const auto head = text.substr(0, end + 4);
  // Beast would put a folded value together in memory of its own.
  for (auto at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2))
    if (head[at + 2] == ' ' || head[at + 2] == '\t') return HeadState::malformed;
  into.fields.clear();
  HeadParser parser(into);
  parser.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  parser.body_limit(boost::none);
  error_code error;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  const bool goes_on = !error || error == beast::http::error::need_more;
  if (!goes_on || !parser.is_header_done()) return HeadState::malformed;
  into.size = head.size();
  // A client of HTTP/1.0 would want to be told.
  into.keeps_alive = parser.is_http_1_1() && parser.keep_alive();
  into.is_chunked = parser.chunked();
  into.body_size = parser.content_length().value_or(0);
  return HeadState::whole;
}

bool is_own_host(std::string_view host, std::uint16_t port) {
  const auto colon = host.rfind(':');
  if (colon == host.npos || host.size() - colon - 1 > kLongestPort) return false;
  if (host.substr(colon + 1) != std::to_string(port)) return false;
  const auto name = host.substr(0, colon);
  return name == "127.0.0.1" || name == "[::1]" || base::equals_ignoring_case(name, "localhost");
}

bool has_browser_mark(const RequestHead& head) {
  return std::ranges::any_of(head.fields, [](const HeadField& field) { return is_browser_mark(field.name); });
}

int refusal_of(const RequestHead& head, std::uint16_t port) {
  if (head.method == "OPTIONS") return kMethodNotAllowed;
  if (!head.target.starts_with('/')) return kBadRequest;
  const auto host = head.one("Host");
  if (!host || !is_own_host(*host, port)) return kBadRequest;
  return has_browser_mark(head) ? kForbidden : 0;
}

}  // namespace http
