// The one way secret bytes leave towards a reader of our output: to a descriptor that cli/ hands over.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

namespace deliver {

/// Writes everything or fails: a full disk, a closed descriptor or a reader that went away is an error. SIGPIPE must be
/// ignored by then.
base::Result<void> write_out(int descriptor, const secret::Bytes& text);

}  // namespace deliver
