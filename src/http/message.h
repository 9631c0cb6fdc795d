// One HTTP exchange as data. Bodies and secret header values live in locked memory: a request may carry a session token
// or an MFA code, a reply a whole set of credentials.
#pragma once

#include "http/plain_http.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http {

struct Header {
  std::string name;
  std::string value;
};

struct SecretHeader {
  std::string name;
  secret::Bytes value;
};

struct Request {
  std::string method = "POST";
  std::string url;  // https, or http to where `plain` allows
  std::vector<Header> headers;
  std::vector<SecretHeader> secret_headers;
  secret::Bytes body;
  PlainHttp plain = PlainHttp::loopback;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  secret::Bytes body;

  /// The first header of that name, any case.
  std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace http
