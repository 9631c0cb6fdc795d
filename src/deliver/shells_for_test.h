// For tests that let real shells read what was written: 13 hostile values, a place where a planted command is seen, and
// the shells.
#pragma once

#include "base/clock.h"
#include "base/own_directory_for_test.h"
#include "base/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

// What has broken the export of other tools, one each. $(…) and backticks would leave a file behind.
inline const std::array<std::string, 13> kHostile = {
    "it's",
    "say \"hi\"",
    "$(touch canary)",
    "`touch canary`",
    "back\\slash\\",
    "100%PATH%",
    "bang!bang !!",
    " both ends ",
    "-leading",
    "a;touch canary;b|c&d>e<f",
    "${HOME}$HOME#$$ ~ ~root *?[a-z]{1,2}",
    "=ls:=ls,\xC3\xA9\xE2\x80\x99\xE2\x80\x98 \x1b[31m\x7f\x01\t",
    "''\\''\"'\"\\",
};

class Capture final : public base::OutputSink {
 public:
  std::span<std::byte> room() override { return piece_; }
  void filled(std::size_t count) override { text.append(reinterpret_cast<const char*>(piece_.data()), count); }
  std::string text;

 private:
  std::array<std::byte, 4096> piece_{};
};

/// A private directory that is the current one while the test runs, so that a planted command leaves its file there.
class Scratch {
 public:
  Scratch() : before_(std::filesystem::current_path()) { std::filesystem::current_path(path_); }
  ~Scratch() { std::filesystem::current_path(before_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  bool canary() const { return std::filesystem::exists(path_ / "canary"); }
  std::string file(const std::string& content) const {
    const auto name = path_ / "input";
    std::ofstream(name, std::ios::binary) << content;
    return name;
  }

 private:
  std::filesystem::path before_;
  const base::OwnDirectory own_;
  const std::filesystem::path path_ = own_.path();
};

inline std::string run(const std::vector<std::string>& argv) {
  base::SystemClock clock;
  Capture out;
  const auto outcome =
      base::run(argv, {"HOME=" + testing::TempDir(), "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}, out, clock, {});
  EXPECT_TRUE(outcome.has_value()) << (outcome ? "" : outcome.error().what);
  if (outcome) {
    EXPECT_EQ(outcome->status, 0) << outcome->error_text;
  }
  return out.text;
}

/// A reader that is not installed is said aloud, and is a failure where CI is set.
inline bool missing(const std::string& program) {
  if (access(program.c_str(), X_OK) == 0) return false;
  const char* const ci = std::getenv("CI");
  if (ci != nullptr && std::string_view(ci) == "true") ADD_FAILURE() << program << " is not installed";
  return true;
}

}  // namespace deliver
