#include "base/process.h"

#include "base/own_directory_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;
using base::ErrorKind;

namespace {

class TextSink final : public base::OutputSink {
 public:
  explicit TextSink(std::size_t limit = 4096) : buffer_(limit, '\0') {}
  std::span<std::byte> room() override { return std::as_writable_bytes(std::span(buffer_)).subspan(used_); }
  void filled(std::size_t count) override { used_ += count; }
  std::string text() const { return buffer_.substr(0, used_); }

 private:
  std::string buffer_;
  std::size_t used_ = 0;
};

base::Result<base::RunOutcome> shell(const std::string& script, base::OutputSink& sink,
                                     base::Duration time = base::Duration{20'000}) {
  base::SystemClock clock;
  return base::run({"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin", "A=1"}, sink, clock, {.time = time});
}

}  // namespace

TEST(Process, output_status_and_error_text_come_back) {
  TextSink sink;
  const auto outcome = shell("echo out$A; echo err >&2; exit 3", sink);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 3);
  EXPECT_EQ(sink.text(), "out1\n");
  EXPECT_EQ(outcome->error_text, "err\n");
}

TEST(Process, only_the_given_environment_and_three_descriptors_arrive) {
  TextSink sink;
  setenv("KABUTO_PLANTED", "1", 1);
  ASSERT_TRUE(shell("env; ls /proc/self/fd | wc -l; cat", sink));
  EXPECT_EQ(sink.text().find("KABUTO_PLANTED"), std::string::npos);
  EXPECT_NE(sink.text().find("\n4\n"), std::string::npos) << sink.text();  // 0, 1, 2 and the listing itself
}

TEST(Process, a_signal_is_128_and_its_number) {
  TextSink sink;
  EXPECT_EQ(shell("kill -TERM $$", sink)->status, 143);
}

TEST(Process, more_output_than_room_ends_the_child) {
  TextSink sink(100);
  const auto outcome = shell("yes", sink);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::refused);
}

TEST(Process, error_text_is_capped) {
  TextSink sink;
  const auto outcome = shell("head -c 100000 /dev/zero >&2", sink);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error_text.size(), base::RunLimits{}.error_bytes);
}

TEST(Process, a_hanging_child_is_killed_with_its_children) {
  TextSink sink;
  const auto outcome = shell("sleep 1000 & sleep 1000", sink, base::Duration{200});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::failure);
}

TEST(Process, a_child_that_closes_its_output_and_stays_is_killed_too) {
  TextSink sink;
  const auto outcome = shell("exec >&- 2>&-; sleep 1000", sink, base::Duration{200});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::failure);
}

TEST(Process, no_shell_reads_the_arguments) {
  TextSink sink;
  base::SystemClock clock;
  ASSERT_TRUE(base::run({"echo", "$(id)", "a;b", "*"}, {"PATH=/usr/bin:/bin"}, sink, clock, {}));
  EXPECT_EQ(sink.text(), "$(id) a;b *\n");
}

TEST(Process, missing_and_not_executable_are_told_apart) {
  TextSink sink;
  base::SystemClock clock;
  EXPECT_EQ(base::run({"/nonexistent/x"}, {}, sink, clock, {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(base::run({"/etc/passwd"}, {}, sink, clock, {}).error().kind, ErrorKind::refused);
  EXPECT_EQ(base::run({}, {}, sink, clock, {}).error().kind, ErrorKind::usage);
}

TEST(Process, the_current_directory_is_never_searched) {
  const base::OwnDirectory own;
  const std::string& folder = own.path();
  std::ofstream(folder + "/planted") << "#!/bin/sh\n";
  ASSERT_EQ(chmod((folder + "/planted").c_str(), 0755), 0);
  const auto before = fs::current_path();
  fs::current_path(folder);
  for (const auto* path : {"", ".", ":/bin", "relative:/bin", "./"})
    EXPECT_FALSE(base::find_program("planted", path)) << path;
  EXPECT_EQ(base::find_program("planted", "/nonexistent:" + folder).value(), folder + "/planted");
  fs::current_path(before);
}
