// Percent-encoding of text that may be a secret: from one place in locked memory to another, with nothing in between.
#pragma once

#include "secret/bytes.h"

#include <string_view>

namespace aws {

/// Appends `text` with all but RFC 3986's unreserved bytes as %XX. False where the buffer's limit is passed.
bool append_percent_encoded(secret::Buffer& out, std::string_view text);

}  // namespace aws
