#include "base/file.h"

#include "base/fake_clock_for_test.h"
#include "base/own_directory_for_test.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;
using base::ErrorKind;

namespace {

constexpr std::size_t kLimit = 1024;

class Folder : public testing::Test {
 protected:
  std::string in(const std::string& name) const { return path_ + "/" + name; }
  void put(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(in(name), std::ios::binary) << text;
    ASSERT_EQ(chmod(in(name).c_str(), mode), 0);
  }
  std::string content(const std::string& name) const {
    const auto text = base::read_file(in(name), kLimit);
    return text && *text ? **text : "(none)";
  }
  mode_t mode(const std::string& name) const {
    struct stat facts{};
    return stat(in(name).c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator{}));
  }

  const base::OwnDirectory own_;
  const std::string path_ = own_.path();
};

}  // namespace

using File = Folder;

TEST_F(File, missing_is_not_an_error) {
  EXPECT_EQ(base::read_file(in("none"), kLimit).value(), std::nullopt);
  EXPECT_EQ(base::read_file(in("none/deeper"), kLimit).value(), std::nullopt);
}

TEST_F(File, reads_up_to_the_limit_and_no_more) {
  put("exact", std::string(kLimit, 'x'));
  put("over", std::string(kLimit + 1, 'x'));
  EXPECT_EQ(content("exact").size(), kLimit);
  EXPECT_FALSE(base::read_file(in("over"), kLimit));
}

TEST_F(File, a_directory_or_a_pipe_is_refused_without_waiting) {
  ASSERT_EQ(mkfifo(in("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(base::read_file(in("pipe"), kLimit));
  EXPECT_FALSE(base::read_file(path_, kLimit));
  EXPECT_FALSE(base::write_file_atomically(in("pipe"), "x"));
}

TEST_F(File, write_replaces_and_leaves_nothing_behind) {
  ASSERT_TRUE(base::write_file_atomically(in("f"), "one"));
  ASSERT_TRUE(base::write_file_atomically(in("f"), "two"));
  EXPECT_EQ(content("f"), "two");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, write_is_private_whatever_the_umask_and_the_old_mode) {
  put("old", "x", 0644);
  const mode_t before = umask(0);
  ASSERT_TRUE(base::write_file_atomically(in("old"), "y"));
  ASSERT_TRUE(base::write_file_atomically(in("new"), "y"));
  ASSERT_TRUE(base::ensure_private_directory(in("d/e")));
  umask(0777);
  ASSERT_TRUE(base::write_file_atomically(in("hidden"), "y"));
  umask(before);
  EXPECT_EQ(mode("old"), 0600U);
  EXPECT_EQ(mode("new"), 0600U);
  EXPECT_EQ(mode("hidden"), 0600U);
  EXPECT_EQ(mode("d"), 0700U);
  EXPECT_EQ(mode("d/e"), 0700U);
}

TEST_F(File, a_hard_link_elsewhere_keeps_its_content) {
  put("f", "old");
  fs::create_hard_link(in("f"), in("elsewhere"));
  ASSERT_TRUE(base::write_file_atomically(in("f"), "new"));
  EXPECT_EQ(content("elsewhere"), "old");
}

TEST_F(File, an_own_link_is_kept_and_its_target_replaced) {
  put("target", "old");
  fs::create_symlink(in("target"), in("link"));
  ASSERT_TRUE(base::write_file_atomically(in("link"), "new"));
  EXPECT_TRUE(fs::is_symlink(in("link")));
  EXPECT_EQ(content("target"), "new");
}

TEST_F(File, a_link_through_a_directory_of_others_is_refused) {
  fs::create_directory(in("open"));
  ASSERT_EQ(chmod(in("open").c_str(), 0777), 0);
  put("open/target", "old");
  fs::create_symlink(in("open/target"), in("link"));
  const auto written = base::write_file_atomically(in("link"), "new");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::refused);
  EXPECT_EQ(content("open/target"), "old");
}

TEST_F(File, a_link_that_leads_nowhere_is_an_error) {
  fs::create_symlink(in("nowhere"), in("link"));
  EXPECT_FALSE(base::write_file_atomically(in("link"), "new"));
  EXPECT_FALSE(fs::exists(in("nowhere")));
}

TEST_F(File, a_failed_write_names_the_file_and_keeps_the_old) {
  if (geteuid() == 0) FAIL() << "root writes everywhere; run through tests/unprivileged";
  put("f", "old");
  ASSERT_EQ(chmod(path_.c_str(), 0500), 0);
  const auto written = base::write_file_atomically(in("f"), "new");
  ASSERT_EQ(chmod(path_.c_str(), 0700), 0);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().what.find(in("f")), std::string::npos);
  EXPECT_EQ(content("f"), "old");
}

TEST_F(File, leftovers_of_a_killed_writer_go_with_the_next_write) {
  put("f.kabuto-0123456789abcdef", "half");
  put("f.kabuto-mine", "a user's own name");
  put("g.kabuto-0123456789abcdef", "another file's");
  const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
  for (const auto* name : {"f.kabuto-0123456789abcdef", "f.kabuto-mine", "g.kabuto-0123456789abcdef"})
    ASSERT_EQ(utimensat(AT_FDCWD, in(name).c_str(), long_ago, 0), 0);
  put("f.kabuto-00000000000000aa", "a writer at work");
  ASSERT_TRUE(base::write_file_atomically(in("f"), "new"));
  EXPECT_FALSE(fs::exists(in("f.kabuto-0123456789abcdef")));
  EXPECT_TRUE(fs::exists(in("f.kabuto-mine")));
  EXPECT_TRUE(fs::exists(in("g.kabuto-0123456789abcdef")));
  EXPECT_TRUE(fs::exists(in("f.kabuto-00000000000000aa")));
}

TEST_F(File, a_directory_that_others_can_write_is_refused) {
  fs::create_directory(in("open"));
  ASSERT_EQ(chmod(in("open").c_str(), 0770), 0);
  const auto made = base::ensure_private_directory(in("open"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::refused);
  put("plain", "x");
  EXPECT_FALSE(base::ensure_private_directory(in("plain")));
  if (geteuid() != 0) {
    EXPECT_FALSE(base::ensure_private_directory("/usr"));
  }
}

TEST_F(File, a_file_that_others_can_write_runs_nothing) {
  put("readable", "x", 0644);
  put("group", "x", 0664);
  EXPECT_TRUE(base::check_only_owner_writes(in("readable"), "config file"));
  const auto checked = base::check_only_owner_writes(in("group"), "config file");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::refused);
  EXPECT_NE(checked.error().what.find("config file"), std::string::npos);
  ASSERT_EQ(chmod(path_.c_str(), 0777), 0);
  EXPECT_FALSE(base::check_only_owner_writes(in("readable"), "config file"));
  EXPECT_FALSE(base::check_only_owner_writes(in("none"), "config file"));
}

TEST_F(File, a_key_file_that_others_can_read_is_refused) {
  put("private", "x", 0600);
  put("read_only", "x", 0400);
  put("group", "x", 0640);
  EXPECT_TRUE(base::check_only_owner_reads(in("private"), "key file"));
  EXPECT_TRUE(base::check_only_owner_reads(in("read_only"), "key file"));
  EXPECT_FALSE(base::check_only_owner_reads(in("group"), "key file"));
  EXPECT_FALSE(base::check_only_owner_reads(path_, "key file"));
  if (geteuid() != 0) {
    EXPECT_FALSE(base::check_only_owner_reads("/etc/passwd", "key file"));
  }
}

TEST_F(File, a_lock_is_held_by_one_and_freed_at_the_end_of_its_scope) {
  {
    const auto first = base::FileLock::try_acquire(in("lock"));
    ASSERT_TRUE(first && *first);
    const auto second = base::FileLock::try_acquire(in("lock"));
    ASSERT_TRUE(second);
    EXPECT_FALSE(*second);
  }
  EXPECT_TRUE(base::FileLock::try_acquire(in("lock")).value().has_value());
}

TEST_F(File, a_busy_lock_is_named_at_the_deadline) {
  const auto held = base::FileLock::try_acquire(in("lock"));
  ASSERT_TRUE(held && *held);
  base::FakeClock clock;
  const auto lock = base::FileLock::acquire(in("lock"), clock, base::Duration{1000});
  ASSERT_FALSE(lock);
  EXPECT_NE(lock.error().what.find(in("lock")), std::string::npos);
  EXPECT_GE(clock.monotonic().count(), 1000);
}

TEST_F(File, a_lock_dies_with_its_owner) {
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = base::FileLock::try_acquire(in("lock"));
    _exit(lock && *lock ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(base::FileLock::try_acquire(in("lock")).value().has_value());
}

TEST_F(File, a_lock_is_never_taken_through_a_link) {
  put("victim", "x");
  fs::create_symlink(in("victim"), in("lock"));
  EXPECT_FALSE(base::FileLock::try_acquire(in("lock")));
}

TEST_F(File, descriptors_close_once) {
  base::Descriptor first(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  base::Descriptor second(std::move(first));
  EXPECT_EQ(second.get(), number);
  second = base::Descriptor();
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}
