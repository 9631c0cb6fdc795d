// A secret against what somebody has sent, without a copy of that in locked memory: for servers, which compare at every
// request.
#pragma once

#include "secret/bytes.h"

#include <string_view>

namespace secret {

/// Constant time for equal lengths.
bool is_equal(const Bytes& secret, std::string_view given);

}  // namespace secret
