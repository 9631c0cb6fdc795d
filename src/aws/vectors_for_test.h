// For tests only: reads the public test vectors in place. Missing vectors are said loudly and fail the run with
// CI=true; each file read reports how many cases ran, so that a case lost on the way is seen.
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// Whether the vectors are there at all; to be asked first: `if (!vectors_present()) GTEST_SKIP();`
inline bool vectors_present() {
  if (std::filesystem::is_directory(KABUTO_VECTORS_DIR)) return true;
  const char* const ci = std::getenv("CI");
  std::printf("VECTORS MISSING: %s\n", KABUTO_VECTORS_DIR);
  if (ci != nullptr && std::string_view(ci) == "true") ADD_FAILURE() << "no vectors in " << KABUTO_VECTORS_DIR;
  return false;
}

inline std::string vector_text(const std::string& name) {
  std::ifstream in(std::string(KABUTO_VECTORS_DIR) + "/" + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline nlohmann::json vector_json(const std::string& name) { return nlohmann::json::parse(vector_text(name)); }

inline void vectors_ran(const std::string& name, std::size_t count, std::size_t expected) {
  std::printf("vectors: %s: %zu cases\n", name.c_str(), count);
  EXPECT_EQ(count, expected) << name;
}

}  // namespace aws
