#include "http/curl_handle.h"

#include "base/text.h"
#include "http/plain_http.h"
#include "version.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

namespace http {
namespace {

using base::ErrorKind;

// SSL_OP_CLEANSE_PLAINTEXT of OpenSSL 3: a record that was read is wiped when libcurl has taken it.
constexpr std::uint64_t kCleansePlaintext = 1U << 1;
constexpr long kHappyEyeballs = 200;  // ms that IPv6 gets before IPv4 is tried beside it

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

}  // namespace

void CurlHeaders::add(const char* line) {
  if (auto* longer = curl_.list_append(list_, line)) list_ = longer;
}

void CurlHeaders::add(const SecretHeader& header) {
  const auto line = terminated(secret::Bytes::concatenated(secret::Bytes::copy_of(header.name + ": "), header.value));
  line.reveal([&](std::span<const std::byte> text) { add(reinterpret_cast<const char*>(text.data())); });
}

void CurlHeaders::add_all(const Request& request) {
  for (const auto& header : request.headers) {
    // "Name:" would take the header away; "Name;" sends it empty.
    add((header.value.empty() ? header.name + ";" : header.name + ": " + header.value).c_str());
  }
  for (const auto& header : request.secret_headers) add(header);
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(request.headers,
                               [&](const Header& header) { return base::equals_ignoring_case(header.name, name); });
  };
  if (!has("accept")) add("Accept:");
  // libcurl's own would call every body a form.
  if (!has("content-type")) add("Content-Type:");
  // Without it libcurl waits for leave to send a large body.
  if (!has("expect")) add("Expect:");
}

HeaderLine read_header_line(std::string_view line) {
  if (line.starts_with("HTTP/")) return {HeaderLine::Kind::status, {}};
  const auto colon = line.find(':');
  if (colon == line.npos) return {};
  if (line.find('\0') != line.npos) return {HeaderLine::Kind::unclear, {}};
  return {HeaderLine::Kind::field,
          {std::string(base::trim(line.substr(0, colon))), std::string(base::trim_lines(line.substr(colon + 1)))}};
}

CurlHandle::CurlHandle(const base::Environment& environment, ClientSettings settings)
    : environment_(environment), settings_(std::move(settings)) {
  // OpenSSL's own variable, which libcurl does not read by itself.
  if (const auto file = environment_.get_nonempty("SSL_CERT_FILE"); file && settings_.ca_bundle.empty())
    settings_.ca_bundle = *file;
}

CurlHandle::~CurlHandle() {
  if (handle_ != nullptr) curl_->cleanup(handle_);
}

base::Result<Route> CurlHandle::route(const Request& request) const {
  Route route;
  route.url = TRY(parse_url(request.url));
  if (route.url.scheme == Scheme::http && !may_go_plain(route.url.host, request.plain))
    return base::fail(ErrorKind::refused,
                      "plain http is only for this machine itself" +
                          std::string(request.plain == PlainHttp::metadata ? " and AWS's metadata addresses" : "") +
                          ", not for " + route.url.host,
                      "use an https:// URL");
  if (!is_header_name(request.method)) return base::fail(ErrorKind::refused, "the request's method is not a word");
  TRY(check_headers(request));
  route.proxy = TRY(proxy_for(route.url, environment_));
  return route;
}

base::Result<void> CurlHandle::prepare(const Request& request, const Route& route, base::Duration connect) {
  if (handle_ == nullptr) {
    curl_ = TRY(CurlLibrary::load());
    handle_ = curl_->easy_init();
    if (handle_ == nullptr) return base::fail(ErrorKind::failure, "libcurl has no memory");
  }
  curl_->reset(handle_);
  error_[0] = '\0';
  status_ = 0;
  const char* const scheme = route.url.scheme == Scheme::https ? "https" : "http";
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
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, kHappyEyeballs);
  set(CURLOPT_ERRORBUFFER, error_.data());
  TRY(set_trust());
  set_proxy(route.proxy);
  set(CURLOPT_URL, request.url.c_str());
  if (route.url.scheme == Scheme::http) {
    set(CURLOPT_OPENSOCKETFUNCTION, open_plain_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<const void*>(&request.plain));
  }
  // Without this libcurl would show a proxy the headers meant for AWS.
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  return {};
}

base::Result<void> CurlHandle::set_trust() {
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

void CurlHandle::set_proxy(const std::optional<Proxy>& proxy) {
  // Given even where there is none, because libcurl would read the environment by its own rules.
  set(CURLOPT_PROXY, proxy ? proxy->url.c_str() : "");
  set(CURLOPT_NOPROXY, proxy ? "" : "*");
  if (!proxy || proxy->user.empty()) return;
  const auto give = [&](CURLoption option, const secret::Bytes& value) {
    terminated(value).reveal(
        [&](std::span<const std::byte> text) { set(option, reinterpret_cast<const char*>(text.data())); });
  };
  give(CURLOPT_PROXYUSERNAME, proxy->user);
  give(CURLOPT_PROXYPASSWORD, proxy->password);
}

CURLcode CurlHandle::perform() {
  const auto code = curl_->perform(handle_);
  long status = 0;
  curl_->get_info(handle_, CURLINFO_RESPONSE_CODE, &status);
  status_ = static_cast<int>(status);
  curl_->reset(handle_);
  return code;
}

base::Error CurlHandle::explained(CURLcode code, const Route& route) const {
  const std::string_view detail = error_[0] != '\0' ? error_.data() : curl_->error_text(code);
  base::Error error{ErrorKind::unreachable, route.url.host + ": " + base::printable(detail), {}};
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      error.what = route.url.host + " did not answer in time (" + base::printable(detail) + ")";
      break;
    case CURLE_COULDNT_RESOLVE_HOST:
      error.what = "the name " + route.url.host + " cannot be resolved";
      error.hint = "check the region and the network: run getent hosts " + route.url.host;
      break;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      error.what = "the reply of " + route.url.host + " was cut short (" + base::printable(detail) + ")";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      error.what = "the certificate of " + route.url.host + " is not trusted (" + base::printable(detail) + ")";
      error.hint = "behind a proxy that opens TLS, name its CA file in AWS_CA_BUNDLE or ca_bundle";
      break;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      error.kind = ErrorKind::refused;
      break;
    default:
      break;
  }
  if (route.proxy) error.what += ", through the proxy " + route.proxy->url + " of " + route.proxy->variable;
  return error;
}

}  // namespace http
