#include "base/file.h"

#include "base/temporary_name.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace base {
namespace {

constexpr int kTemporaryNameTries = 16;
constexpr Duration kLockPoll{20};

std::unexpected<Error> fail_errno(const std::string& doing, int code = errno) {
  const ErrorKind kind = code == ENOENT ? ErrorKind::not_found : ErrorKind::failure;
  return fail(kind, doing + ": " + errno_text(code));
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool others_can_write(const struct stat& facts) {
  // A sticky directory (/tmp) lets others add names but not replace ours.
  return (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (facts.st_mode & S_ISVTX) == 0;
}

bool foreign(const struct stat& facts) { return facts.st_uid != geteuid() && facts.st_uid != 0; }

/// Where a write to `path` must go: `path` itself, or the target of the user's own link.
Result<std::string> write_target(const std::string& path) {
  struct stat facts{};
  if (lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return path;
    return fail_errno("look at " + path);
  }
  if (!S_ISLNK(facts.st_mode)) {
    if (!S_ISREG(facts.st_mode)) return fail(ErrorKind::refused, path + " is not a regular file");
    return path;
  }
  const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
  if (!real) return fail_errno("follow the link " + path);
  std::string target = real.get();
  struct stat target_facts{};
  if (stat(target.c_str(), &target_facts) != 0) return fail_errno("look at " + target);
  struct stat directory{};
  if (stat(directory_of(target).c_str(), &directory) != 0) return fail_errno("look at the directory of " + target);
  if (foreign(facts) || foreign(target_facts) || foreign(directory) || others_can_write(directory) ||
      !S_ISREG(target_facts.st_mode))
    return fail(ErrorKind::refused, fmt::format("{} links to {}, which others control", path, target));
  return target;
}

/// Removes what writers of `target` that were killed have left. Best effort: the next write tries again.
void remove_leftovers(const std::string& target, const std::string& directory) {
  const std::string name = target.substr(target.rfind('/') + 1);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(opendir(directory.c_str()), closedir);
  if (!listing) return;
  while (const dirent* entry = readdir(listing.get())) {
    if (!is_temporary_name(entry->d_name, name)) continue;
    const std::string path = directory + "/" + entry->d_name;
    if (is_abandoned(path)) unlink(path.c_str());
  }
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (valid()) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (valid()) close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

std::string errno_text(int code) {
  std::string text = strerror(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return fail_errno("open " + path);
  }
  struct stat facts{};
  if (fstat(fd.get(), &facts) != 0) return fail_errno("look at " + path);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorKind::failure, path + " is not a regular file");
  if (static_cast<std::uint64_t>(facts.st_size) > limit)
    return fail(ErrorKind::failure, fmt::format("{} is larger than {} bytes", path, limit));
  std::string text(static_cast<std::size_t>(facts.st_size) + 1, '\0');
  std::size_t have = 0;
  for (;;) {
    if (have == text.size()) {
      if (have > limit) return fail(ErrorKind::failure, fmt::format("{} is larger than {} bytes", path, limit));
      text.resize(text.size() * 2);
    }
    const ssize_t n = read(fd.get(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read " + path);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("write");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_file_atomically(const std::string& path, std::span<const std::string_view> parts) {
  const std::string target = TRY(write_target(path));
  const std::string directory = directory_of(target);
  remove_leftovers(target, directory);
  std::string temporary;
  Descriptor fd;
  for (int i = 0; i < kTemporaryNameTries && !fd.valid(); ++i) {
    temporary = temporary_name(target);
    fd = Descriptor(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid() && errno != EEXIST) return fail_errno("write " + path);
  }
  if (!fd.valid()) return fail_errno("write " + path);
  const auto give_up = [&](Error error) {
    unlink(temporary.c_str());
    return std::unexpected(with_context(std::move(error), "write " + path));
  };
  const auto last_error = [] { return Error{ErrorKind::failure, errno_text(errno), {}}; };
  // umask may have taken bits away; nothing may add any.
  if (fchmod(fd.get(), 0600) != 0) return give_up(last_error());
  for (const std::string_view part : parts)
    if (auto written = write_all(fd.get(), std::as_bytes(std::span(part))); !written) return give_up(written.error());
  if (fsync(fd.get()) != 0) return give_up(last_error());
  if (close(fd.release()) != 0) return give_up(last_error());
  if (rename(temporary.c_str(), target.c_str()) != 0) return give_up(last_error());
  const Descriptor handle(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.valid() || fsync(handle.get()) != 0) return fail_errno("sync the directory of " + path);
  return {};
}

Result<void> write_file_atomically(const std::string& path, std::string_view text) {
  return write_file_atomically(path, std::span(&text, 1));
}

Result<void> write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  return write_file_atomically(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Result<void> ensure_private_directory(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) {
    if (errno != ENOENT) return fail_errno("look at " + path);
    const std::string parent = directory_of(path);
    if (parent != path && parent != ".") {
      struct stat parent_facts{};
      if (stat(parent.c_str(), &parent_facts) != 0) TRY(ensure_private_directory(parent));
    }
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("make " + path);
    if (stat(path.c_str(), &facts) != 0) return fail_errno("look at " + path);
  }
  if (!S_ISDIR(facts.st_mode)) return fail(ErrorKind::refused, path + " is not a directory");
  if (facts.st_uid != geteuid()) return fail(ErrorKind::refused, path + " belongs to another user");
  if (others_can_write(facts))
    return fail(ErrorKind::refused, "others can write in " + path, "run chmod go-w '" + path + "'");
  return {};
}

Result<void> check_only_owner_writes(const std::string& path, std::string_view what) {
  struct stat facts{};
  struct stat directory{};
  if (stat(path.c_str(), &facts) != 0) return fail_errno(fmt::format("the {} {}", what, path));
  if (stat(directory_of(path).c_str(), &directory) != 0) return fail_errno("the directory of " + path);
  if (foreign(facts) || foreign(directory))
    return fail(ErrorKind::refused, fmt::format("the {} {} belongs to another user", what, path));
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(ErrorKind::refused, fmt::format("others can write the {} {}", what, path),
                fmt::format("run chmod go-w '{}'", path));
  if (others_can_write(directory))
    return fail(ErrorKind::refused, fmt::format("others can replace the {} {}", what, path),
                fmt::format("run chmod go-w '{}'", directory_of(path)));
  return {};
}

Result<void> check_only_owner_reads(const std::string& path, std::string_view what) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) return fail_errno(fmt::format("the {} {}", what, path));
  if (!S_ISREG(facts.st_mode)) return fail(ErrorKind::refused, fmt::format("the {} {} is not a file", what, path));
  if (facts.st_uid != geteuid())
    return fail(ErrorKind::refused, fmt::format("the {} {} belongs to another user", what, path));
  if ((facts.st_mode & 077) != 0)
    return fail(ErrorKind::refused, fmt::format("others can read the {} {}", what, path),
                fmt::format("run chmod 600 '{}'", path));
  return {};
}

Result<std::optional<FileLock>> FileLock::try_acquire(const std::string& path) {
  Descriptor fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return fail_errno("open the lock " + path);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return FileLock(std::move(fd));
  if (errno == EWOULDBLOCK) return std::nullopt;
  return fail_errno("lock " + path);
}

bool FileLock::stands_at(const std::string& path) const {
  struct stat held{};
  struct stat there{};
  return fstat(fd_.get(), &held) == 0 && lstat(path.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
         held.st_ino == there.st_ino;
}

Result<FileLock> FileLock::acquire(const std::string& path, Clock& clock, Duration deadline) {
  for (;;) {
    std::optional<FileLock> lock = TRY(try_acquire(path));
    if (lock) return std::move(*lock);
    if (clock.monotonic() >= deadline) return fail(ErrorKind::failure, "another process holds " + path);
    clock.sleep(kLockPoll);
  }
}

}  // namespace base
