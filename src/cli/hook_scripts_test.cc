// The hook's scripts in the real shells with an answer of ours in the program's place: hostile values are values.
#include "cli/hook_scripts.h"

#include "aws/credentials.h"
#include "deliver/shell_text.h"
#include "deliver/shells_for_test.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cli {
namespace {

/// A program named kabuto that answers with the text in the file beside it.
void plant_program(const std::string& folder, const std::string& answer) {
  std::ofstream(folder + "/answer", std::ios::binary) << answer;
  std::ofstream(folder + "/kabuto") << "#!/bin/sh\nexec /bin/cat '" << folder << "/answer'\n";
  std::filesystem::permissions(folder + "/kabuto", std::filesystem::perms::owner_all);
}

void expect_values_come_through(const std::string& program, std::string_view script, const std::string& begin) {
  if (deliver::missing(program)) GTEST_SKIP() << program << " is not installed";
  for (const auto& value : deliver::kHostile) {
    const deliver::Scratch scratch;
    const base::OwnDirectory folder;
    const aws::Credentials credentials{
        "AKIAEXAMPLE", secret::Bytes::copy_of(value), secret::Bytes::copy_of(value), {}, ""};
    const base::Environment parent;
    const auto child = deliver::child_environment(parent, credentials, {value, ""});
    ASSERT_TRUE(child.has_value());
    const auto text = deliver::shell_text(parent, *child, {deliver::ShellTurn::use, {"--", value}, std::nullopt});
    ASSERT_TRUE(text.has_value());
    plant_program(folder.path(), text->reveal_text([](std::string_view t) { return std::string(t); }));
    const std::string lines = begin + folder.path() + "\n" + std::string(script) +
                              "kabuto use p\n/usr/bin/printenv AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN KABUTO_PROFILE\n"
                              "kabuto off\n/usr/bin/printenv AWS_SECRET_ACCESS_KEY || /bin/echo off\n";
    EXPECT_EQ(deliver::run({program, scratch.file(lines)}), value + "\n" + value + "\n" + value + "\noff\n");
    EXPECT_FALSE(scratch.canary()) << program << " ran a command of: " << value;
  }
}

TEST(Hook, bash_takes_13_hostile_values_as_they_are) {
  expect_values_come_through("/usr/bin/bash", hook_for_bash(), "PATH=");
}
TEST(Hook, zsh_takes_13_hostile_values_as_they_are) {
  expect_values_come_through("/usr/bin/zsh", hook_for_zsh(), "PATH=");
}
TEST(Hook, fish_takes_13_hostile_values_as_they_are) {
  expect_values_come_through("/usr/bin/fish", hook_for_fish(), "set -gx PATH ");
}

}  // namespace
}  // namespace cli
