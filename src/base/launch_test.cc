#include "base/launch.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace base {
namespace {

namespace fs = std::filesystem;

Result<void> feed_shell(const std::string& script, std::string_view input, Duration time = Duration{5'000}) {
  signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words = {"/bin/sh", "-c", script};
  const auto argv = exec_pointers(words);
  const auto environment = exec_pointers({});
  SystemClock clock;
  return feed({argv.data(), environment.data()}, std::as_bytes(std::span(input)), clock, time);
}

TEST(Launch, input_arrives_whole_also_where_it_is_more_than_a_pipe_holds) {
  const OwnDirectory own;
  const std::string text(300'000, 'x');
  ASSERT_TRUE(feed_shell("cat >'" + own.path() + "/in'", text));
  EXPECT_EQ(read_file(own.path() + "/in", 1 << 20).value()->size(), text.size());
}

TEST(Launch, one_that_fails_hangs_or_reads_nothing_is_told) {
  EXPECT_FALSE(feed_shell("exit 3", "x"));
  EXPECT_FALSE(feed_shell("sleep 3", "x", Duration{100}));
  EXPECT_FALSE(feed_shell("exec <&-; exit 1", std::string(300'000, 'x')));
}

TEST(Launch, what_it_leaves_behind_is_not_waited_for) { EXPECT_TRUE(feed_shell("cat; sleep 3 &", "x")); }

TEST(Launch, a_detached_program_is_in_a_session_of_its_own_and_nobodys_child) {
  const OwnDirectory own;
  const std::vector<std::string> words = {"/bin/sh", "-c", "ps -o sid= -p $$ >'" + own.path() + "/sid'"};
  const auto argv = exec_pointers(words);
  const auto environment = exec_pointers({});
  ASSERT_TRUE(start_detached({argv.data(), environment.data()}, Duration{5'000}));
  EXPECT_NE(std::stoi(**read_file(own.path() + "/sid", 100)), getsid(0));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(Launch, programs_that_others_could_have_put_there_are_passed_over) {
  const OwnDirectory own;
  const std::string open = own.path() + "/open";
  const std::string safe = own.path() + "/safe";
  for (const auto& folder : {open, safe}) {
    fs::create_directory(folder);
    std::ofstream(folder + "/planted") << "#!/bin/sh\n";
    ASSERT_EQ(chmod((folder + "/planted").c_str(), 0755), 0);
  }
  ASSERT_EQ(chmod(open.c_str(), 01777), 0) << "sticky, as /tmp: others may still add a program";
  EXPECT_EQ(find_own_program("planted", open + ":" + safe).value(), safe + "/planted");
  EXPECT_EQ(find_own_program("planted", open).error().kind, ErrorKind::refused);
  EXPECT_EQ(find_own_program("safe/planted", own.path()).error().kind, ErrorKind::refused);
  fs::create_symlink(open + "/planted", safe + "/linked");
  EXPECT_EQ(find_own_program("linked", safe).error().kind, ErrorKind::refused);
  EXPECT_EQ(find_own_program("no-such", safe).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace base
