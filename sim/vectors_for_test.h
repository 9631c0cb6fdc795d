// Where tests find the public vectors; missing ones are said loudly, and fail where CI=true. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace sim {

/// The path of a vector file or folder; empty where it is missing (the test ends there).
inline std::string vector_path(const std::string& name) {
  const std::string path = std::string(KABUTO_VECTORS_DIR) + "/" + name;
  if (std::filesystem::exists(path)) return path;
  std::fprintf(stderr, "vectors: %s is MISSING: nothing was proven\n", name.c_str());
  const char* ci = std::getenv("CI");
  EXPECT_FALSE(ci != nullptr && std::string(ci) == "true") << path;
  return {};
}

inline std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sim
