// The one way in which AWS's files are changed: locked, read, decided under the lock, replaced atomically. What the new
// text is, is config_writer.h's and marked_block.h's.
#pragma once

#include "aws/config_file.h"
#include "aws/file_text.h"
#include "base/clock.h"
#include "base/result.h"

#include <functional>
#include <string>

namespace aws {

inline constexpr base::Duration kWriterPatience{10'000};  // with other writers of the same file

using Rewrite = std::function<base::Result<FileText>(const ConfigFile& file)>;
/// 0600, links kept; where nothing changes nothing is written. A missing file and its directory are made. Waits up to
/// `patience` for other writers.
base::Result<void> rewrite_file(const std::string& path, FileKind kind, const Rewrite& rewrite, base::Clock& clock,
                                base::Duration patience = kWriterPatience);

}  // namespace aws
