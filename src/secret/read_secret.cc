#include "secret/read_secret.h"

#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace secret {
namespace {

/// Bytes read into `room`; 0 at the end.
base::Result<std::size_t> read_some(int fd, std::span<std::byte> room, std::string_view what) {
  for (;;) {
    const ssize_t n = read(fd, room.data(), room.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR)
      return base::fail(base::ErrorKind::failure, fmt::format("read the {}: {}", what, base::errno_text(errno)));
  }
}

base::Result<Bytes> read_to_end(int fd, const std::string& path, std::size_t limit, std::string_view what) {
  Buffer buffer(limit);
  for (;;) {
    const auto room = buffer.room();
    if (room.empty())
      return base::fail(base::ErrorKind::refused, fmt::format("the {} {} is larger than {} bytes", what, path, limit));
    const std::size_t count = TRY(read_some(fd, room, what));
    if (count == 0) return std::move(buffer).take();
    buffer.filled(count);
  }
}

base::Result<Bytes> read_all(const std::string& path, std::size_t limit, std::string_view what) {
  const base::Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid())
    return base::fail(base::ErrorKind::failure, fmt::format("open the {} {}: {}", what, path, base::errno_text(errno)));
  return read_to_end(fd.get(), path, limit, what);
}

}  // namespace

base::Result<Bytes> read_secret_file(const std::string& path, std::size_t limit, std::string_view what) {
  TRY(base::check_only_owner_reads(path, what));
  return read_all(path, limit, what);
}

base::Result<std::optional<Bytes>> read_secret_file_of_tool(const std::string& path, std::size_t limit,
                                                            std::string_view what) {
  auto checked = base::check_only_owner_writes(path, what);
  if (!checked && checked.error().kind == base::ErrorKind::not_found) return std::nullopt;
  if (!checked) return std::unexpected(std::move(checked).error());
  return TRY(read_all(path, limit, what));
}

base::Result<Bytes> read_token_file(const std::string& path, std::size_t limit, std::string_view what) {
  const base::Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat facts{};
  if (!fd.valid() || fstat(fd.get(), &facts) != 0)
    return base::fail(errno == ENOENT ? base::ErrorKind::not_found : base::ErrorKind::failure,
                      fmt::format("open the {} {}: {}", what, path, base::errno_text(errno)));
  if (!S_ISREG(facts.st_mode))
    return base::fail(base::ErrorKind::refused, fmt::format("the {} {} is not a file", what, path));
  return read_to_end(fd.get(), path, limit, what);
}

Bytes first_line(const Bytes& text) {
  return text.reveal_text([](std::string_view all) {
    auto line = all.substr(0, all.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return Bytes::copy_of(line);
  });
}

base::Result<Bytes> read_secret_line(int fd, std::size_t limit, std::string_view what) {
  Bytes line(limit + 1);
  std::size_t used = 0;
  for (;;) {
    if (used > limit)
      return base::fail(base::ErrorKind::refused, fmt::format("the {} is longer than {} bytes", what, limit));
    const auto room = line.edit([&](std::span<std::byte> all) { return all.subspan(used, 1); });
    const std::size_t count = TRY(read_some(fd, room, what));
    if (count == 0 && used == 0)
      return base::fail(base::ErrorKind::not_found, fmt::format("no {}: the input has ended", what));
    if (count == 0 || room[0] == std::byte{'\n'}) break;
    if (room[0] == std::byte{0})
      return base::fail(base::ErrorKind::refused, fmt::format("the {} holds a NUL byte", what));
    ++used;
  }
  const bool carriage_return =
      used > 0 && line.reveal([&](std::span<const std::byte> all) { return all[used - 1] == std::byte{'\r'}; });
  line.shrink(carriage_return ? used - 1 : used);
  return line;
}

}  // namespace secret
