#include "base/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace base {
namespace {

pid_t child_that(void (*acts)()) {
  const pid_t child = fork();
  if (child == 0) {
    acts();
    _exit(0);
  }
  return child;
}

TEST(Child, ends_with_the_code_that_a_shell_would_tell) {
  EXPECT_EQ(wait_for_end(child_that([] { _exit(7); })), 7);
  EXPECT_EQ(wait_for_end(child_that([] { kill(getpid(), SIGKILL); })), kBySignal + SIGKILL);
}

TEST(Child, has_no_code_while_it_runs_and_its_pidfd_tells_the_end) {
  const pid_t child = child_that([] { pause(); });
  const Descriptor pidfd = open_pidfd(child);
  ASSERT_TRUE(pidfd.valid());
  EXPECT_EQ(code_if_ended(child), std::nullopt);
  kill(child, SIGTERM);
  pollfd end{pidfd.get(), POLLIN, 0};
  EXPECT_EQ(poll(&end, 1, 10'000), 1);
  EXPECT_EQ(code_if_ended(child), kBySignal + SIGTERM);
}

}  // namespace
}  // namespace base
