#include "agent/keeper.h"

#include <gtest/gtest.h>

namespace agent {
namespace {

using namespace std::chrono_literals;

Times at(base::Duration passed) { return {*base::parse_iso8601("2030-01-01T00:00:00Z") + passed, passed, passed}; }

class KeeperTest : public testing::Test {
 protected:
  void unlock(Times now) { keeper_.unlock("store", secret::DataKey(secret::Bytes(32)), now); }
  Keeper keeper_{at(0s)};
};

TEST_F(KeeperTest, it_begins_locked_and_says_why) {
  EXPECT_EQ(keeper_.key(), nullptr);
  EXPECT_EQ(keeper_.why_locked(), "it was not unlocked yet");
  EXPECT_FALSE(keeper_.left(at(0s)));
  EXPECT_FALSE(keeper_.look(at(24h)));
}

TEST_F(KeeperTest, ten_minutes_without_use_lock_it_and_each_use_begins_them_anew) {
  unlock(at(0s));
  EXPECT_FALSE(keeper_.look(at(9min)));
  keeper_.used(at(9min));
  EXPECT_FALSE(keeper_.look(at(18min)));
  EXPECT_EQ(keeper_.left(at(18min)), 1min);
  EXPECT_TRUE(keeper_.look(at(19min)));
  EXPECT_EQ(keeper_.key(), nullptr);
  EXPECT_EQ(keeper_.why_locked(), "it was not used for 10 minutes");
}

TEST_F(KeeperTest, twelve_hours_lock_it_however_much_it_is_used_or_held) {
  unlock(at(0s));
  keeper_.add_hold();
  for (auto passed = 5min; passed < 12h; passed += 5min) {
    ASSERT_FALSE(keeper_.look(at(passed))) << passed.count();
    keeper_.used(at(passed));
  }
  EXPECT_TRUE(keeper_.look(at(12h)));
  EXPECT_EQ(keeper_.why_locked(), "it was unlocked 12 hours ago");
}

TEST_F(KeeperTest, a_hold_stops_the_idle_limit_and_its_end_begins_it_anew) {
  unlock(at(0s));
  keeper_.add_hold();
  keeper_.add_hold();
  EXPECT_FALSE(keeper_.look(at(3h)));
  EXPECT_EQ(keeper_.left(at(3h)), 9h);
  keeper_.drop_hold(at(3h));
  EXPECT_FALSE(keeper_.look(at(4h)));
  keeper_.drop_hold(at(4h));
  EXPECT_FALSE(keeper_.look(at(4h + 9min)));
  EXPECT_TRUE(keeper_.look(at(4h + 10min)));
}

TEST_F(KeeperTest, a_sleep_of_any_length_locks_it_though_no_limit_has_passed) {
  unlock(at(0s));
  Times now = at(60s);
  now.awake -= 30s;
  EXPECT_TRUE(keeper_.look(now));
  EXPECT_EQ(keeper_.why_locked(), "the machine slept");
  unlock(now);
  now.awake += 1s;
  now.boot += 1s;
  EXPECT_FALSE(keeper_.look(now));
}

TEST_F(KeeperTest, the_wall_clock_counts_too_and_setting_it_back_gives_no_time) {
  unlock(at(0s));
  Times ahead = at(1min);
  ahead.wall += 10min;
  EXPECT_TRUE(keeper_.look(ahead));
  unlock(at(2min));
  Times back = at(12min);
  back.wall -= 1h;
  EXPECT_TRUE(keeper_.look(back));
}

}  // namespace
}  // namespace agent
