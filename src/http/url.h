// URLs as kabuto accepts them: strictly, so that no text of a configuration can send a signed call to another host than
// the one a person reads in it. It opens nothing.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace http {

enum class Scheme { http, https };

struct Url {
  Scheme scheme = Scheme::https;
  std::string host;  // lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string target;  // path and query, beginning with '/'
};

/// Accepts http(s)://HOST[:PORT][/PATH][?QUERY] in visible ASCII. Refused: user names, fragments, backslashes, control
/// characters, anything that is not a host name, a dotted IPv4 or a bracketed IPv6 address. Never echoes a password.
base::Result<Url> parse_url(std::string_view text);

/// localhost, *.localhost, 127.0.0.0/8 and ::1, as parse_url leaves them. Numbers in other forms ("127.1") never are.
bool is_loopback_host(std::string_view host);

}  // namespace http
