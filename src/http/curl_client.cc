// http::Client over libcurl: one whole request, one whole reply.
//
// Where secrets are while a request runs: the body and the secret headers in locked memory, the headers a second time
// in libcurl's list and send buffer, the reply in libcurl's receive buffer and OpenSSL's records. libcurl wipes what it
// frees (curl_library.cc), OpenSSL what it has read. What remains beyond our reach is what the kernel holds for the
// socket, and that none of this memory is locked: it may be swapped out while the request runs.
#include "http/client.h"
#include "http/curl_handle.h"

#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace http {
namespace {

using base::ErrorKind;

struct Reply {
  Reply(const Limits& limits) : body(limits.reply_bytes), header_room(limits.header_bytes) {}
  std::vector<Header> headers;
  secret::Buffer body;
  std::size_t header_room;
  bool body_too_large = false, headers_too_large = false, headers_unclear = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* target) {
  auto& reply = *static_cast<Reply*>(target);
  const auto bytes = std::as_bytes(std::span(data, size * count));
  if (reply.body.append(bytes)) return bytes.size();
  reply.body_too_large = true;
  return 0;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* target) {
  auto& reply = *static_cast<Reply*>(target);
  const std::string_view line(data, size * count);
  if (line.size() > reply.header_room) {
    reply.headers_too_large = true;
    return 0;
  }
  reply.header_room -= line.size();
  auto read = read_header_line(line);
  if (read.kind == HeaderLine::Kind::unclear) {
    reply.headers_unclear = true;
    return 0;
  }
  // A status line begins a new reply: that of the proxy, or "100 Continue", is not the one we want.
  if (read.kind == HeaderLine::Kind::status) reply.headers.clear();
  if (read.kind == HeaderLine::Kind::field) reply.headers.push_back(std::move(read.field));
  return line.size();
}

class CurlClient final : public Client {
 public:
  CurlClient(const base::Environment& environment, ClientSettings settings)
      : handle_(environment, std::move(settings)) {}

  base::Result<Response> send(const Request& request, const Limits& limits) override;

 private:
  base::Error explained(CURLcode code, const Route& route, const Reply& reply, const Limits& limits) const;

  CurlHandle handle_;
  std::mutex one_at_a_time_;
};

base::Error CurlClient::explained(CURLcode code, const Route& route, const Reply& reply, const Limits& limits) const {
  const std::string& host = route.url.host;
  if (reply.body_too_large)
    return {ErrorKind::refused, host + " sent more than " + std::to_string(limits.reply_bytes / 1024) + " KiB", {}};
  if (reply.headers_too_large)
    return {ErrorKind::refused,
            host + " sent more than " + std::to_string(limits.header_bytes / 1024) + " KiB of headers",
            {}};
  if (reply.headers_unclear) return {ErrorKind::refused, host + " sent a zero byte in a header", {}};
  return handle_.explained(code, route);
}

base::Result<Response> CurlClient::send(const Request& request, const Limits& limits) {
  const auto route = TRY(handle_.route(request));
  if (limits.total.count() <= 0 || limits.connect.count() <= 0)
    return base::fail(ErrorKind::unreachable, "there was no time left to ask " + route.url.host);

  const std::lock_guard lock(one_at_a_time_);
  TRY(handle_.prepare(request, route, limits.connect));
  const auto set = [&](CURLoption option, auto value) { handle_.set(option, value); };
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  CurlHeaders headers(handle_.library());
  headers.add_all(request);
  set(CURLOPT_HTTPHEADER, headers.get());

  Reply reply(limits);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&reply));
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&reply));

  const auto code = request.body.reveal([&](std::span<const std::byte> body) {
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);  // its reply may name a length and has no body
    } else if (request.method != "GET" || !body.empty()) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, body.empty() ? static_cast<const void*>("") : body.data());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    return handle_.perform();
  });
  if (code != CURLE_OK) return std::unexpected(explained(code, route, reply, limits));
  return Response{handle_.status(), std::move(reply.headers), std::move(reply.body).take()};
}

}  // namespace

std::unique_ptr<Client> make_client(const base::Environment& environment, ClientSettings settings) {
  return std::make_unique<CurlClient>(environment, std::move(settings));
}

}  // namespace http
