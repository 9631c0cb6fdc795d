// The replies of our loopback servers as they go over the wire, in locked memory: a body may hold credentials. None of
// them is a page, and none lets another origin read it.
#pragma once

#include "secret/bytes.h"

#include <string_view>

namespace http {

struct ReplyKind {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string_view more_fields = {};  // whole lines, each with its line end
  bool closes = false;                // says that the connection ends
};

secret::Bytes reply_of(const ReplyKind& kind, const secret::Bytes& body);

/// The body {"code":…,"message":…} as container credentials' clients show it; both are made safe to show.
secret::Bytes error_body(std::string_view code, std::string_view message);

}  // namespace http
