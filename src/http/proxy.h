// Which proxy a request goes through, as the environment says. It looks at names only; whether the proxy works shows
// when the request is sent.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "http/url.h"
#include "secret/bytes.h"

#include <optional>
#include <string>

namespace http {

struct Proxy {
  std::string url;       // scheme, host and port; never a user name or password
  std::string variable;  // "HTTPS_PROXY"
  secret::Bytes user;    // both decoded, empty where not given
  secret::Bytes password;
};

/// nullopt = direct. https_proxy and HTTPS_PROXY, then all_proxy and ALL_PROXY (lower case first, as curl and Python
/// have it), unless no_proxy or NO_PROXY names the host; http_proxy is for plain http, which only goes to loopback and
/// to metadata addresses, and neither ever goes through a proxy. Error: refused, naming the variable, where the proxy's
/// URL is not accepted.
base::Result<std::optional<Proxy>> proxy_for(const Url& url, const base::Environment& environment);

}  // namespace http
