// A .env file on disk, edited in place: read, changed (dotenv_edit.h), replaced atomically with mode 0600.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "deliver/dotenv_edit.h"
#include "deliver/environment.h"

#include <functional>
#include <string>

namespace deliver {

enum class DotenvMode { tightened, as_it_was };

struct DotenvWritten {
  DotenvReport report;
  DotenvMode mode = DotenvMode::as_it_was;  // tightened: others could read it before
};

/// Asked before anything is written; its error is the edit's.
using DotenvCheck = std::function<base::Result<void>(const DotenvReport&)>;

/// `lock` is a file of kabuto's own: none is left beside the person's. A missing file is made. Errors: those of files,
/// of the edit and of the check, with the path.
base::Result<DotenvWritten> set_in_dotenv_file(const std::string& path, const std::string& lock,
                                               const aws::Credentials& credentials, const Recipient& recipient,
                                               const DotenvCheck& check, base::Clock& clock);

/// Errors as above; not_found where there is no such file.
base::Result<DotenvWritten> remove_from_dotenv_file(const std::string& path, const std::string& lock,
                                                    const DotenvCheck& check, base::Clock& clock);

}  // namespace deliver
