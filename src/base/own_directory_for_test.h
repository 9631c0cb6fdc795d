// A new directory of its own for a test, removed with everything in it at the end. Only tests include it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace base {

class OwnDirectory {
 public:
  OwnDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "kabuto-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      ADD_FAILURE() << "no temporary directory";
    else
      path_ = name;
  }
  ~OwnDirectory() {
    if (!path_.empty()) std::filesystem::remove_all(path_);
  }
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace base
