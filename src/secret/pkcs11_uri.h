// pkcs11: URIs (RFC 7512), which name a key in a token. It opens nothing.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace secret {

struct Pkcs11Uri {
  // Which token, and which object in it; empty texts match every one.
  std::string token, serial, manufacturer, model;
  std::string object;
  std::string id;           // bytes
  std::string module_path;  // empty: the modules that p11-kit knows
  std::string pin_source;   // a file; empty: a person is asked
};

/// Error: failure, naming the part that is wrong; refused for pin-value, which would lie in clear in a setting.
base::Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text);

}  // namespace secret
