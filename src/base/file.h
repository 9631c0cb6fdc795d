// Files: bounded reads, atomic writes, locks, and the question "who else could have written this?".
// Every write is temporary file + fsync + rename + fsync of the directory, mode 0600; a reader sees old or new, never
// less.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace base {

/// An open descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release();

 private:
  int fd_;
};

/// The text of errno `code`, as "no such file or directory".
std::string errno_text(int code);

/// The whole file; nullopt where it does not exist. More than `limit` bytes, or not a regular file, is an error.
Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit);

/// Writes all of `bytes` to `path` atomically, mode 0600. A symbolic link at `path` is kept and its target replaced; a
/// link that another user owns, or that leads through a directory others can write, is refused. The directory must
/// exist.
Result<void> write_file_atomically(const std::string& path, std::span<const std::byte> bytes);
Result<void> write_file_atomically(const std::string& path, std::string_view text);
/// All of `parts`, one behind the other.
Result<void> write_file_atomically(const std::string& path, std::span<const std::string_view> parts);

/// Writes all of `bytes` to an open descriptor; a short write goes on, EINTR too.
Result<void> write_all(int fd, std::span<const std::byte> bytes);

/// Makes the directory (mode 0700, parents too) where it is missing; one that another user owns or that others can
/// write is refused.
Result<void> ensure_private_directory(const std::string& path);

/// Refuses (ErrorKind::refused) a file that another user owns or that group or others can write, itself or its
/// directory. 0644 is fine. `what` names the file's role in the error: "config file".
Result<void> check_only_owner_writes(const std::string& path, std::string_view what);

/// Refuses a file that anybody but its owner may read or write, or that another user owns. For key files.
Result<void> check_only_owner_reads(const std::string& path, std::string_view what);

/// An exclusive lock over processes, held until the object dies; the kernel frees it when its owner dies by any means.
class FileLock {
 public:
  /// Waits until `deadline` (Clock::monotonic). Busy at the deadline: ErrorKind::failure naming the lock file.
  static Result<FileLock> acquire(const std::string& path, Clock& clock, Duration deadline);
  /// Does not wait; nullopt where another process holds it.
  static Result<std::optional<FileLock>> try_acquire(const std::string& path);
  /// Whether the locked file is still the one under that path: who held it before may have removed it meanwhile.
  bool stands_at(const std::string& path) const;
  /// For the program that this process becomes, which then holds the lock.
  int descriptor() const { return fd_.get(); }

 private:
  explicit FileLock(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

}  // namespace base
