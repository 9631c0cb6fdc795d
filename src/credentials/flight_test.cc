#include "credentials/flight.h"

#include "base/own_directory_for_test.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace credentials {
namespace {

class FlightTest : public testing::Test {
 protected:
  /// A process that takes the turn, says so, and then does as `then` says.
  template <class Then>
  pid_t owner(Then then) {
    std::array<int, 2> said{};
    EXPECT_EQ(pipe(said.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
      {
        Flight flight(directory_ + "/flights", "key");
        const auto turn = flight.try_take();
        const char byte = turn && *turn == Flight::Turn::mine ? 'y' : 'n';
        if (write(said[1], &byte, 1) != 1) _exit(1);
        then(flight);
      }
      _exit(0);
    }
    char byte = 0;
    EXPECT_EQ(read(said[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    close(said[0]);
    close(said[1]);
    return child;
  }

  const base::OwnDirectory own_;
  const std::string directory_ = own_.path();
};

TEST_F(FlightTest, the_first_has_the_turn_and_leaves_nothing_behind) {
  {
    Flight flight(directory_ + "/flights", "key");
    EXPECT_EQ(*flight.try_take(), Flight::Turn::mine);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/flights"));
}

TEST_F(FlightTest, the_second_sees_who_has_the_turn_and_is_woken_when_the_owner_is_killed) {
  const pid_t child = owner([](Flight&) {
    for (;;) pause();
  });
  Flight flight(directory_ + "/flights", "key");
  ASSERT_EQ(*flight.try_take(), Flight::Turn::of_another);
  EXPECT_EQ(flight.owner(), child);
  kill(child, SIGKILL);
  const auto left = flight.wait();
  ASSERT_TRUE(left);
  EXPECT_FALSE(left->has_value());
  EXPECT_EQ(*flight.try_take(), Flight::Turn::mine);
  waitpid(child, nullptr, 0);
}

TEST_F(FlightTest, those_who_wait_share_the_owners_failure) {
  std::array<int, 2> go{};
  ASSERT_EQ(pipe(go.data()), 0);
  const pid_t child = owner([&](Flight& flight) {
    char byte = 0;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    flight.leave_failure({base::ErrorKind::denied, "AWS says\nno", "kabuto explain dev"});
  });
  Flight flight(directory_ + "/flights", "key");
  ASSERT_EQ(*flight.try_take(), Flight::Turn::of_another);
  ASSERT_EQ(write(go[1], "g", 1), 1);
  const auto left = flight.wait();
  ASSERT_TRUE(left && *left);
  EXPECT_EQ((*left)->kind, base::ErrorKind::denied);
  EXPECT_EQ((*left)->what.find('\n'), std::string::npos);
  EXPECT_EQ((*left)->hint, "kabuto explain dev");
  waitpid(child, nullptr, 0);
}

TEST_F(FlightTest, of_many_at_once_one_has_the_turn_at_a_time) {
  constexpr int kMany = 30;
  const std::string counter = directory_ + "/count";
  std::array<pid_t, kMany> children{};
  for (auto& child : children) {
    child = fork();
    if (child != 0) continue;
    for (;;) {
      Flight flight(directory_ + "/flights", "key");
      const auto turn = flight.try_take();
      if (turn && *turn == Flight::Turn::mine) {
        // Not atomic on purpose: two owners at once would lose a count.
        std::uintmax_t size = std::filesystem::exists(counter) ? std::filesystem::file_size(counter) : 0;
        FILE* file = fopen(counter.c_str(), "a");
        fputc('x', file);
        fclose(file);
        _exit(std::filesystem::file_size(counter) == size + 1 ? 0 : 1);
      }
      if (!turn || !flight.wait()) _exit(2);
    }
  }
  for (const auto child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(std::filesystem::file_size(counter), static_cast<std::uintmax_t>(kMany));
}

}  // namespace
}  // namespace credentials
