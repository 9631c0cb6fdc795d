// Reading a secret from a file or a descriptor straight into locked memory.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace secret {

/// A whole file that only its owner may read (refused otherwise). `what` names its role: "key file".
base::Result<Bytes> read_secret_file(const std::string& path, std::size_t limit, std::string_view what);

/// As above for another tool's file: others may read it, but only its owner write it. nullopt where there is none.
base::Result<std::optional<Bytes>> read_secret_file_of_tool(const std::string& path, std::size_t limit,
                                                            std::string_view what);

/// A token that the platform puts there for us: the file is often another user's, in a directory that all may write.
/// Not found is not_found; what is no regular file is refused.
base::Result<Bytes> read_token_file(const std::string& path, std::size_t limit, std::string_view what);

/// A copy of the first line, without its end.
Bytes first_line(const Bytes& text);

/// One line without its line end, read byte by byte so that what follows stays in the descriptor. An end of file before
/// any byte is not_found; more than `limit` bytes or a NUL byte is refused.
base::Result<Bytes> read_secret_line(int fd, std::size_t limit, std::string_view what);

}  // namespace secret
