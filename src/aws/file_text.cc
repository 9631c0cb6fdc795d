#include "aws/file_text.h"

#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

namespace aws {

using base::ErrorKind;
using base::fail;

namespace {

constexpr std::size_t kLarge = std::size_t{128} * 1024;

}  // namespace

FileText::FileText(std::size_t capacity) : data_(new char[capacity]), capacity_(capacity) {
  if (capacity < kLarge) return;
  // All pages at once, where the kernel can: asked for one by one they cost more than reading the file.
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* begin = data_;
  std::size_t size = capacity;
  if (std::align(page, page, begin, size) != nullptr) (void)madvise(begin, size / page * page, MADV_POPULATE_WRITE);
}

FileText::FileText(FileText&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

FileText& FileText::operator=(FileText&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

FileText::~FileText() {
  if (data_ != nullptr) explicit_bzero(data_, size_);
  delete[] data_;
}

base::Result<std::optional<FileText>> FileText::read(const std::string& path, std::size_t limit) {
  const auto failed = [&](std::string_view doing) {
    return fail(ErrorKind::failure, fmt::format("{} {}: {}", doing, path, base::errno_text(errno)));
  };
  const auto too_large = [&] {
    return fail(ErrorKind::failure, fmt::format("{} is larger than {} bytes", path, limit));
  };
  const base::Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return failed("open");
  }
  struct stat facts{};
  if (fstat(fd.get(), &facts) != 0) return failed("look at");
  // AWS_CONFIG_FILE=/dev/null is how people say "no file".
  if (S_ISCHR(facts.st_mode) && path == "/dev/null") return std::nullopt;
  if (!S_ISREG(facts.st_mode)) return fail(ErrorKind::failure, path + " is not a regular file");
  if (static_cast<std::uint64_t>(facts.st_size) > limit) return too_large();
  // One byte more than the file has, so that the read that finds the end needs no growth.
  FileText text(static_cast<std::size_t>(facts.st_size) + 1);
  for (;;) {
    if (text.size_ == text.capacity_) {  // somebody is writing to it
      if (text.size_ > limit) return too_large();
      FileText larger(text.capacity_ * 2);
      larger.append(text.view());
      text = std::move(larger);
    }
    const ssize_t n = ::read(fd.get(), text.data_ + text.size_, text.capacity_ - text.size_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read");
    if (n == 0) break;
    text.size_ += static_cast<std::size_t>(n);
  }
  if (text.size_ > limit) return too_large();
  return text;
}

FileText FileText::copy_of(std::string_view text) {
  FileText out(text.size());
  out.append(text);
  return out;
}

void FileText::append(std::string_view text) {
  assert(text.size() <= capacity_ - size_);
  std::ranges::copy(text, data_ + size_);
  size_ += text.size();
}

}  // namespace aws
