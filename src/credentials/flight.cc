#include "credentials/flight.h"

#include "base/text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kMostContent = 4096;
constexpr std::string_view kFailed = "failed";

std::string content_of(int fd) {
  std::array<char, kMostContent> bytes{};
  const ssize_t count = pread(fd, bytes.data(), bytes.size(), 0);
  return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
}

/// What is written is a hint for those who wait: a full disk must not stop the owner.
void put_content(int fd, std::string_view text) {
  if (ftruncate(fd, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = pwrite(fd, text.data(), std::min(text.size(), kMostContent), 0);
}

bool lock(int fd, int how) {
  for (;;) {
    if (flock(fd, how) == 0) return true;
    if (errno != EINTR) return false;
  }
}

bool still_named(int fd, const std::string& path) {
  struct stat held{};
  struct stat named{};
  return fstat(fd, &held) == 0 && stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

}  // namespace

Flight::Flight(std::string directory, const std::string& key)
    : directory_(std::move(directory)), path_(directory_ + "/" + key + ".lock") {}

Flight::~Flight() {
  // Removed while still locked: whoever opened it meanwhile sees that it has lost its name and opens anew.
  if (mine_) unlink(path_.c_str());
}

base::Result<Flight::Turn> Flight::try_take() {
  if (mine_) return Turn::mine;
  for (;;) {
    int fd = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == ENOENT) {
      TRY(base::ensure_private_directory(directory_));
      fd = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (fd < 0) return fail(ErrorKind::failure, path_ + ": " + base::errno_text(errno));
    file_ = base::Descriptor(fd);
    if (!lock(fd, LOCK_EX | LOCK_NB)) {
      if (errno == EWOULDBLOCK) return Turn::of_another;
      return fail(ErrorKind::failure, "lock " + path_ + ": " + base::errno_text(errno));
    }
    if (!still_named(fd, path_)) continue;
    put_content(fd, std::to_string(getpid()) + "\n");
    mine_ = true;
    return Turn::mine;
  }
}

int Flight::owner() const {
  const std::string content = content_of(file_.get());
  const auto pid = base::parse_integer(base::split(content, '\n').front());
  return pid && *pid > 0 && *pid < 0x7fffffff ? static_cast<int>(*pid) : 0;
}

base::Result<std::optional<base::Error>> Flight::wait() {
  // A shared lock: all who wait get it in the same moment, when the owner's exclusive one ends.
  if (!lock(file_.get(), LOCK_SH)) return fail(ErrorKind::failure, "lock " + path_ + ": " + base::errno_text(errno));
  const std::string content = content_of(file_.get());
  file_ = base::Descriptor();
  const auto lines = base::split(content, '\n');
  if (lines.size() < 5 || lines[1] != kFailed) return std::nullopt;
  const auto kind = base::parse_integer(lines[2]);
  if (!kind || *kind < 0 || *kind > static_cast<int>(ErrorKind::refused)) return std::nullopt;
  return base::Error{static_cast<ErrorKind>(*kind), std::string(lines[3]), std::string(lines[4])};
}

void Flight::leave_failure(const base::Error& error) {
  if (!mine_) return;
  put_content(file_.get(), std::to_string(getpid()) + "\n" + std::string(kFailed) + "\n" +
                               std::to_string(static_cast<int>(error.kind)) + "\n" + base::printable(error.what, 2048) +
                               "\n" + base::printable(error.hint, 512) + "\n");
}

}  // namespace credentials
