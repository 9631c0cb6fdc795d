// The tokens that a request to a local endpoint must bring.
#pragma once

#include "secret/bytes.h"

namespace deliver {

/// 256 random bits as 64 characters that every header, shell and file takes as they are.
secret::Bytes new_token();

}  // namespace deliver
