// What may be handed to another program at all: the last look at the bytes before a format or an environment takes
// them.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"

#include <string_view>

namespace deliver {

struct Recipient;

/// Errors: refused, naming the field and never the value, where one holds NUL, CR or LF, or a required one is empty.
base::Result<void> check_values(const aws::Credentials& credentials, const Recipient& recipient);

/// The same for one value, named by `field`.
base::Result<void> check_value(std::string_view value, std::string_view field);

}  // namespace deliver
