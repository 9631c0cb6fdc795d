// Each test forks and becomes another program in the child, as `kabuto exec` does.
#include "deliver/exec.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace deliver {
namespace {

struct Outcome {
  int code = 0;  // 128 + signal
  std::string out;
};

EnvironmentBlock block(const base::Environment& parent) {
  auto made =
      child_environment(parent, {"AKIAEXAMPLE", secret::Bytes::copy_of("secret"), {}, std::nullopt, ""}, {"p", ""});
  EXPECT_TRUE(made.has_value());
  return std::move(*made);
}

/// What the program printed, and how it ended; a program that could not be started ends with deliver's code.
Outcome become(
    const std::vector<std::string>& argv, const base::Environment& parent,
    const std::function<void()>& before = [] {}) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const base::Descriptor from(ends[0]);
  base::Descriptor to(ends[1]);
  const auto environment = block(parent);
  const pid_t child = fork();
  if (child == 0) {
    dup2(to.get(), 1);
    before();
    _exit(exec(argv, environment).exit_code);
  }
  to = base::Descriptor();
  Outcome outcome;
  std::array<char, 4096> piece{};
  for (ssize_t n = 0; (n = read(from.get(), piece.data(), piece.size())) > 0;)
    outcome.out.append(piece.data(), static_cast<std::size_t>(n));
  int status = 0;
  waitpid(child, &status, 0);
  outcome.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return outcome;
}

class Exec : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content, mode_t mode) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  const base::OwnDirectory own_;
  const std::string folder_ = own_.path();
};

TEST_F(Exec, the_exit_code_is_the_childs_own) {
  for (const int code : {0, 1, 2, 125, 126, 127, 255})
    EXPECT_EQ(become({"sh", "-c", "exit " + std::to_string(code)}, {"PATH=/usr/bin:/bin"}).code, code);
  EXPECT_EQ(become({"sh", "-c", "kill -TERM $$"}, {"PATH=/usr/bin:/bin"}).code, 128 + SIGTERM);
}

TEST_F(Exec, a_program_that_is_not_there_is_127_and_one_that_may_not_run_126) {
  EXPECT_EQ(become({"no-such-program"}, {"PATH=/usr/bin:/bin"}).code, 127);
  EXPECT_EQ(become({"/no/such/program"}, {}).code, 127);
  EXPECT_EQ(become({"/etc/passwd/x"}, {}).code, 127);
  EXPECT_EQ(become({""}, {"PATH=/usr/bin:/bin"}).code, 127);
  EXPECT_EQ(become({file("plain", "text", 0644)}, {}).code, 126);
  EXPECT_EQ(become({folder_}, {}).code, 126);
}

TEST_F(Exec, too_long_an_argument_is_126) { EXPECT_EQ(become({"/bin/true", std::string(4 << 20, 'x')}, {}).code, 126); }

TEST_F(Exec, a_file_that_may_not_run_does_not_hide_a_program_later_on_the_path) {
  file("true", "text", 0644);
  const std::string path = "PATH=" + folder_ + ":/usr/bin:/bin";
  EXPECT_EQ(become({"true"}, {path}).code, 0);
  file("only-here", "text", 0644);
  EXPECT_EQ(become({"only-here"}, {path}).code, 126);
}

TEST_F(Exec, an_empty_entry_of_path_is_not_the_current_directory) {
  file("planted", "#!/bin/sh\necho planted\n", 0755);
  for (const char* const path : {"PATH=:/usr/bin:/bin", "PATH=/usr/bin:", "PATH=/usr/bin::/bin", "PATH="}) {
    const auto outcome = become({"planted"}, {path}, [&] { ASSERT_EQ(chdir(folder_.c_str()), 0); });
    EXPECT_EQ(outcome.code, 127) << path;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Exec, a_script_without_an_interpreter_line_runs_in_sh_as_it_does_from_a_shell) {
  EXPECT_EQ(become({file("script", "echo \"$0 $1\"\n", 0755), "word"}, {}).out, folder_ + "/script word\n");
}

TEST_F(Exec, without_path_the_systems_directories_are_searched) { EXPECT_EQ(become({"true"}, {}).code, 0); }

TEST_F(Exec, only_the_three_standard_descriptors_are_inherited) {
  // ls has one more open: the directory it reads.
  const auto outcome = become({"sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"}, {"PATH=/usr/bin:/bin"}, [] {
    for (int i = 0; i < 20; ++i) (void)!open("/etc/passwd", O_RDONLY);
    (void)!dup2(0, 200);
  });
  EXPECT_EQ(outcome.out, "0 1 2 3 ");
}

TEST_F(Exec, signal_mask_and_dispositions_are_default) {
  const auto outcome = become({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}, {"PATH=/usr/bin:/bin"}, [] {
    for (const int number : {SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1}) signal(number, SIG_IGN);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
  });
  EXPECT_EQ(outcome.out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(Exec, the_process_stays_the_same_one) {
  pid_t before = 0;
  const auto outcome = become({"sh", "-c", "echo $$ $PPID"}, {"PATH=/usr/bin:/bin"}, [&] { before = getpid(); });
  EXPECT_NE(outcome.out.find(" " + std::to_string(getpid())), std::string::npos) << "a process of ours stands between";
}

TEST_F(Exec, the_umask_is_the_users) {
  EXPECT_EQ(become({"sh", "-c", "umask"}, {"PATH=/usr/bin:/bin"}, [] { umask(027); }).out, "0027\n");
}

TEST(UserShell, is_the_environments_where_it_can_run_and_never_a_relative_path) {
  EXPECT_EQ(user_shell({"SHELL=/bin/dash"}), "/bin/dash");
  for (const std::string_view bad : {"SHELL=", "SHELL=sh", "SHELL=./sh", "SHELL=/no/such/shell"})
    EXPECT_TRUE(user_shell({bad}).starts_with('/')) << bad;
}

}  // namespace
}  // namespace deliver
