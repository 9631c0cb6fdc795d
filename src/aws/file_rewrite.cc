#include "aws/file_rewrite.h"

#include "base/file.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace aws {

base::Result<void> rewrite_file(const std::string& path, FileKind kind, const Rewrite& rewrite, base::Clock& clock,
                                base::Duration patience) {
  if (path.empty())
    return base::fail(base::ErrorKind::failure, "there is no home directory to keep AWS's files in", "set HOME");
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  if (access(directory.c_str(), F_OK) != 0) TRY(base::ensure_private_directory(directory));
  const std::string lock_path = path + ".kabuto-lock";
  const base::FileLock lock = TRY(base::FileLock::acquire(lock_path, clock, clock.monotonic() + patience));
  TRY(base::check_only_owner_writes(lock_path, "lock"));
  const ConfigFile file = TRY(ConfigFile::read(path, kind));
  const FileText text = TRY(rewrite(file));
  if (text.view() == file.text()) return {};
  return base::write_file_atomically(path, text.view());
}

}  // namespace aws
