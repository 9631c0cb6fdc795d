// The text of one of AWS's files in memory that is wiped at the end: a credentials file holds secret keys. It must not
// be copied into a string; what leaves it does so as secret::Bytes or as a view that lives no longer than the file.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

class FileText {
 public:
  FileText() = default;
  explicit FileText(std::size_t capacity);
  FileText(FileText&& other) noexcept;
  FileText& operator=(FileText&& other) noexcept;
  ~FileText();

  /// nullopt where the file does not exist; an error where it is larger than `limit` bytes or not a regular file.
  static base::Result<std::optional<FileText>> read(const std::string& path, std::size_t limit);
  static FileText copy_of(std::string_view text);

  std::string_view view() const { return {data_, size_}; }
  /// Adds to the end; the capacity given at the start must hold it.
  void append(std::string_view text);

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace aws
