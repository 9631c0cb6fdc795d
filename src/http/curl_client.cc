// http::Client over libcurl: the only file that talks to it.
//
// Where secrets are while a request runs: the body and the secret headers in locked memory, the headers a second time
// in libcurl's list and send buffer, the reply in libcurl's receive buffer and OpenSSL's records. libcurl wipes what it
// frees (curl_library.cc), OpenSSL what it has read. What remains beyond our reach is what the kernel holds for the
// socket, and that none of this memory is locked: it may be swapped out while the request runs.
#include "base/text.h"
#include "http/client.h"
#include "http/curl_library.h"
#include "http/plain_http.h"
#include "http/proxy.h"
#include "http/url.h"
#include "version.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace http {
namespace {

using base::ErrorKind;

// SSL_OP_CLEANSE_PLAINTEXT of OpenSSL 3: a record that was read is wiped when libcurl has taken it.
constexpr std::uint64_t kCleansePlaintext = 1U << 1;
constexpr long kHappyEyeballs = 200;  // ms that IPv6 gets before IPv4 is tried beside it

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
  // A status line begins a new reply: that of the proxy, or "100 Continue", is not the one we want.
  if (line.starts_with("HTTP/")) {
    reply.headers.clear();
    return line.size();
  }
  const auto colon = line.find(':');
  if (colon == line.npos) return line.size();
  if (line.find('\0') != line.npos) {
    reply.headers_unclear = true;
    return 0;
  }
  reply.headers.push_back(
      {std::string(base::trim(line.substr(0, colon))), std::string(base::trim_lines(line.substr(colon + 1)))});
  return line.size();
}

CURLcode wipe_records(CURL*, void* tls_context, void* library) {
  const auto& curl = *static_cast<const CurlLibrary*>(library);
  if (curl.set_tls_options != nullptr) curl.set_tls_options(tls_context, kCleansePlaintext);
  return CURLE_OK;
}

/// Opens the socket of a connection without TLS only to where such a request may go: whatever the host's name has led
/// to, and whoever answers for the name.
curl_socket_t open_plain_socket(void* allowed, curlsocktype, struct curl_sockaddr* address) {
  if (!may_go_plain(address->addr, *static_cast<const PlainHttp*>(allowed))) return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kSigns.find(c) != kSigns.npos;
  });
}

bool is_header_value(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

base::Result<void> check_headers(const Request& request) {
  for (const auto& header : request.headers) {
    if (base::equals_ignoring_case(header.name, "host"))
      return base::fail(ErrorKind::refused, "the Host header is the URL's, not the caller's");
    if (!is_header_name(header.name) || !is_header_value(header.value))
      return base::fail(ErrorKind::refused, "a request header holds a line end or a zero byte");
  }
  for (const auto& header : request.secret_headers)
    if (!is_header_name(header.name) || !header.value.reveal_text(is_header_value))
      return base::fail(ErrorKind::refused, "a secret request header holds a line end or a zero byte");
  return {};
}

// Text with the zero byte that C wants, in locked memory.
secret::Bytes terminated(const secret::Bytes& text) { return secret::Bytes::concatenated(text, secret::Bytes(1)); }

class HeaderList {
 public:
  explicit HeaderList(const CurlLibrary& curl) : curl_(curl) {}
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_.list_free(list_); }
  void add(const char* line) {
    if (auto* longer = curl_.list_append(list_, line)) list_ = longer;
  }
  void add(const SecretHeader& header) {
    const auto line = terminated(secret::Bytes::concatenated(secret::Bytes::copy_of(header.name + ": "), header.value));
    line.reveal([&](std::span<const std::byte> text) { add(reinterpret_cast<const char*>(text.data())); });
  }
  curl_slist* get() const { return list_; }

 private:
  const CurlLibrary& curl_;
  curl_slist* list_ = nullptr;
};

class CurlClient final : public Client {
 public:
  CurlClient(const base::Environment& environment, ClientSettings settings)
      : environment_(environment), settings_(std::move(settings)) {
    // OpenSSL's own variable, which libcurl does not read by itself.
    if (const auto file = environment_.get_nonempty("SSL_CERT_FILE"); file && settings_.ca_bundle.empty())
      settings_.ca_bundle = *file;
  }
  ~CurlClient() override {
    if (handle_ != nullptr) curl_->cleanup(handle_);
  }

  base::Result<Response> send(const Request& request, const Limits& limits) override;

 private:
  base::Result<void> prepare();
  void set_limits_and_rules(const Limits& limits, const Url& url);
  base::Result<void> set_trust();
  void set_proxy(const std::optional<Proxy>& proxy);
  base::Error explained(CURLcode code, const Url& url, const std::optional<Proxy>& proxy, const Reply& reply,
                        const Limits& limits) const;

  base::Environment environment_;
  ClientSettings settings_;
  const CurlLibrary* curl_ = nullptr;
  CURL* handle_ = nullptr;  // kept, so that calls in a row share a connection
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::mutex one_at_a_time_;
};

base::Result<void> CurlClient::prepare() {
  if (handle_ != nullptr) {
    curl_->reset(handle_);
    return {};
  }
  curl_ = TRY(CurlLibrary::load());
  handle_ = curl_->easy_init();
  if (handle_ == nullptr) return base::fail(ErrorKind::failure, "libcurl has no memory");
  return {};
}

void CurlClient::set_limits_and_rules(const Limits& limits, const Url& url) {
  const auto set = [&](CURLoption option, auto value) { curl_->set_option(handle_, option, value); };
  const char* const scheme = url.scheme == Scheme::https ? "https" : "http";
  set(CURLOPT_PROTOCOLS_STR, scheme);
  set(CURLOPT_REDIR_PROTOCOLS_STR, "");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_USERAGENT, (std::string("kabuto/") + kVersion).c_str());
  // Nothing is asked for compressed and nothing is unpacked: a bomb stays as small as it came.
  set(CURLOPT_ACCEPT_ENCODING, static_cast<char*>(nullptr));
  // No signals: the resolver runs in a thread, and Ctrl-C finds its default action (or the program's own) in place.
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a resolver that hangs does not hold up the end of a call
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, kHappyEyeballs);
  set(CURLOPT_ERRORBUFFER, error_.data());
}

base::Result<void> CurlClient::set_trust() {
  const auto set = [&](CURLoption option, auto value) { return curl_->set_option(handle_, option, value) == CURLE_OK; };
  const bool strict = set(CURLOPT_SSL_VERIFYPEER, 1L) && set(CURLOPT_SSL_VERIFYHOST, 2L) &&
                      set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
                      set(CURLOPT_PROXY_SSL_VERIFYPEER, 1L) && set(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
  if (!strict) return base::fail(ErrorKind::failure, "libcurl cannot verify certificates");
  set(CURLOPT_SSL_CTX_FUNCTION, wipe_records);
  set(CURLOPT_SSL_CTX_DATA, const_cast<CurlLibrary*>(curl_));
  if (settings_.ca_bundle.empty()) return {};
  const auto& path = settings_.ca_bundle;
  if (path.find('\0') != std::string::npos || access(path.c_str(), R_OK) != 0)
    return base::fail(ErrorKind::failure, "the CA bundle " + base::printable(path) + " cannot be read",
                      "correct AWS_CA_BUNDLE or ca_bundle");
  // A bundle of one's own replaces the system's: without the second line libcurl would go on trusting its directory.
  const bool own = set(CURLOPT_CAINFO, path.c_str()) && set(CURLOPT_CAPATH, static_cast<char*>(nullptr)) &&
                   set(CURLOPT_PROXY_CAINFO, path.c_str()) && set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  if (!own) return base::fail(ErrorKind::failure, "libcurl does not take a CA bundle");
  return {};
}

void CurlClient::set_proxy(const std::optional<Proxy>& proxy) {
  const auto set = [&](CURLoption option, auto value) { curl_->set_option(handle_, option, value); };
  // Given even where there is none, because libcurl would read the environment by its own rules.
  set(CURLOPT_PROXY, proxy ? proxy->url.c_str() : "");
  set(CURLOPT_NOPROXY, proxy ? "" : "*");
  if (!proxy || proxy->user.empty()) return;
  const auto give = [&](CURLoption option, const secret::Bytes& value) {
    terminated(value).reveal_text([&](std::string_view text) { set(option, text.data()); });
  };
  give(CURLOPT_PROXYUSERNAME, proxy->user);
  give(CURLOPT_PROXYPASSWORD, proxy->password);
}

base::Error CurlClient::explained(CURLcode code, const Url& url, const std::optional<Proxy>& proxy, const Reply& reply,
                                  const Limits& limits) const {
  if (reply.body_too_large)
    return {ErrorKind::refused, url.host + " sent more than " + std::to_string(limits.reply_bytes / 1024) + " KiB", {}};
  if (reply.headers_too_large)
    return {ErrorKind::refused,
            url.host + " sent more than " + std::to_string(limits.header_bytes / 1024) + " KiB of headers",
            {}};
  if (reply.headers_unclear) return {ErrorKind::refused, url.host + " sent a zero byte in a header", {}};
  const std::string_view detail = error_[0] != '\0' ? error_.data() : curl_->error_text(code);
  base::Error error{ErrorKind::unreachable, url.host + ": " + base::printable(detail), {}};
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      error.what = url.host + " did not answer in time (" + base::printable(detail) + ")";
      break;
    case CURLE_COULDNT_RESOLVE_HOST:
      error.what = "the name " + url.host + " cannot be resolved";
      error.hint = "check the region and the network: run getent hosts " + url.host;
      break;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      error.what = "the reply of " + url.host + " was cut short (" + base::printable(detail) + ")";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      error.what = "the certificate of " + url.host + " is not trusted (" + base::printable(detail) + ")";
      error.hint = "behind a proxy that opens TLS, name its CA file in AWS_CA_BUNDLE or ca_bundle";
      break;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      error.kind = ErrorKind::refused;
      break;
    default:
      break;
  }
  if (proxy) error.what += ", through the proxy " + proxy->url + " of " + proxy->variable;
  return error;
}

base::Result<Response> CurlClient::send(const Request& request, const Limits& limits) {
  const auto url = TRY(parse_url(request.url));
  if (url.scheme == Scheme::http && !may_go_plain(url.host, request.plain))
    return base::fail(ErrorKind::refused,
                      "plain http is only for this machine itself" +
                          std::string(request.plain == PlainHttp::metadata ? " and AWS's metadata addresses" : "") +
                          ", not for " + url.host,
                      "use an https:// URL");
  if (!is_header_name(request.method)) return base::fail(ErrorKind::refused, "the request's method is not a word");
  TRY(check_headers(request));
  if (limits.total.count() <= 0 || limits.connect.count() <= 0)
    return base::fail(ErrorKind::unreachable, "there was no time left to ask " + url.host);
  const auto proxy = TRY(proxy_for(url, environment_));

  const std::lock_guard lock(one_at_a_time_);
  TRY(prepare());
  error_[0] = '\0';
  set_limits_and_rules(limits, url);
  TRY(set_trust());
  set_proxy(proxy);
  const auto set = [&](CURLoption option, auto value) { curl_->set_option(handle_, option, value); };
  set(CURLOPT_URL, request.url.c_str());
  if (url.scheme == Scheme::http) {
    set(CURLOPT_OPENSOCKETFUNCTION, open_plain_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<const void*>(&request.plain));
  }

  HeaderList headers(*curl_);
  for (const auto& header : request.headers) {
    // "Name:" would take the header away; "Name;" sends it empty.
    headers.add((header.value.empty() ? header.name + ";" : header.name + ": " + header.value).c_str());
  }
  for (const auto& header : request.secret_headers) headers.add(header);
  headers.add("Expect:");
  headers.add("Accept:");
  // libcurl's own would call every body a form.
  const auto is_type = [](const Header& header) { return base::equals_ignoring_case(header.name, "content-type"); };
  if (std::ranges::none_of(request.headers, is_type)) headers.add("Content-Type:");
  set(CURLOPT_HTTPHEADER, headers.get());
  // Without this libcurl would show a proxy the headers meant for AWS.
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));

  Reply reply(limits);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&reply));
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&reply));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);

  const auto code = request.body.reveal([&](std::span<const std::byte> body) {
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);  // its reply may name a length and has no body
    } else if (request.method != "GET" || !body.empty()) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, body.empty() ? static_cast<const void*>("") : body.data());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    return curl_->perform(handle_);
  });
  long status = 0;
  curl_->get_info(handle_, CURLINFO_RESPONSE_CODE, &status);
  // The handle outlives this call; nothing of the call may stay in it.
  curl_->reset(handle_);
  if (code != CURLE_OK) return std::unexpected(explained(code, url, proxy, reply, limits));
  return Response{static_cast<int>(status), std::move(reply.headers), std::move(reply.body).take()};
}

}  // namespace

std::unique_ptr<Client> make_client(const base::Environment& environment, ClientSettings settings) {
  return std::make_unique<CurlClient>(environment, std::move(settings));
}

}  // namespace http
