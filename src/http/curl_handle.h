// What every request of ours has in common on libcurl: TLS that is always verified, no redirect, no netrc, the proxy
// that the environment names, and errors in our words. Beside it only the two clients talk to libcurl.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "http/client.h"
#include "http/curl_library.h"
#include "http/message.h"
#include "http/proxy.h"
#include "http/url.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace http {

/// A request that was looked at: where it goes, and through what.
struct Route {
  Url url;
  std::optional<Proxy> proxy;
};

/// Libcurl's list of headers; what is secret in it is wiped with it.
class CurlHeaders {
 public:
  explicit CurlHeaders(const CurlLibrary& curl) : curl_(curl) {}
  CurlHeaders(const CurlHeaders&) = delete;
  CurlHeaders& operator=(const CurlHeaders&) = delete;
  ~CurlHeaders() { curl_.list_free(list_); }
  /// A line as libcurl reads it: "Name:" takes away one of its own.
  void add(const char* line);
  /// All of a request's. libcurl's own Accept and Content-Type are taken away.
  void add_all(const Request& request);
  curl_slist* get() const { return list_; }

 private:
  void add(const SecretHeader& header);

  const CurlLibrary& curl_;
  curl_slist* list_ = nullptr;
};

/// One header line of a reply as libcurl shows it.
struct HeaderLine {
  enum class Kind { status, field, other, unclear } kind = Kind::other;  // unclear: it holds a zero byte
  Header field;
};
HeaderLine read_header_line(std::string_view line);

class CurlHandle {
 public:
  CurlHandle(const base::Environment& environment, ClientSettings settings);
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
  ~CurlHandle();

  /// Where the request may go. Errors: refused (URL, method or header not allowed).
  base::Result<Route> route(const Request& request) const;
  /// A clean handle that keeps its connections, with all the rules set. The first call loads libcurl.
  base::Result<void> prepare(const Request& request, const Route& route, base::Duration connect);
  /// After perform(): the handle outlives the call, and nothing of the call may stay in it.
  CURLcode perform();
  int status() const { return status_; }
  base::Error explained(CURLcode code, const Route& route) const;

  const CurlLibrary& library() const { return *curl_; }
  template <class Value>
  bool set(CURLoption option, Value value) {
    return curl_->set_option(handle_, option, value) == CURLE_OK;
  }

 private:
  base::Result<void> set_trust();
  void set_proxy(const std::optional<Proxy>& proxy);

  base::Environment environment_;
  ClientSettings settings_;
  const CurlLibrary* curl_ = nullptr;
  CURL* handle_ = nullptr;  // kept, so that calls in a row share a connection
  std::array<char, CURL_ERROR_SIZE> error_{};
  int status_ = 0;
};

}  // namespace http
