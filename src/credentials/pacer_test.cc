#include "credentials/pacer.h"

#include <gtest/gtest.h>

namespace credentials {
namespace {

using base::Duration;

TEST(Pacer, lets_the_first_call_start_at_once_and_spaces_the_next) {
  Pacer pacer;
  EXPECT_EQ(pacer.wait(Duration(0)), Duration(0));
  for (int i = 0; i < 4; ++i) pacer.started(Duration(0));
  EXPECT_GT(pacer.wait(Duration(0)), Duration(0));
  EXPECT_LT(pacer.wait(Duration(0)), Duration(200));
}

TEST(Pacer, grows_while_nothing_is_refused) {
  Pacer pacer;
  const double before = pacer.rate();
  for (int i = 0; i < 100; ++i) pacer.succeeded(Duration(i * 20));
  EXPECT_GT(pacer.rate(), 2 * before);
  for (int i = 0; i < 100'000; ++i) pacer.succeeded(Duration(i));
  EXPECT_LE(pacer.rate(), 500);
}

TEST(Pacer, waits_as_long_as_the_server_wishes_but_a_minute_at_most) {
  Pacer pacer;
  pacer.refused(Duration(1000), Duration(900), Duration(3000));
  EXPECT_EQ(pacer.wait(Duration(1000)), Duration(3000));
  pacer.refused(Duration(1000), Duration(900), Duration(86'400'000));
  EXPECT_EQ(pacer.wait(Duration(1000)), Duration(60'000));
  Pacer odd;
  odd.refused(Duration(1000), Duration(900), Duration(-5));
  EXPECT_LE(odd.wait(Duration(1000)), Duration(200));
}

TEST(Pacer, one_refusal_of_many_calls_under_way_slows_down_once) {
  Pacer pacer;
  pacer.refused(Duration(100), Duration(50), std::nullopt);
  const double once = pacer.rate();
  for (int i = 0; i < 10; ++i) pacer.refused(Duration(101 + i), Duration(60), std::nullopt);
  EXPECT_EQ(pacer.rate(), once);
  pacer.refused(Duration(300), Duration(200), std::nullopt);
  EXPECT_LT(pacer.rate(), once);
}

TEST(Pacer, keeps_to_what_was_let_through_between_two_refusals) {
  Pacer pacer;
  pacer.refused(Duration(0), Duration(0), std::nullopt);
  // 20 calls a second for five seconds, then the bucket is empty again
  for (int i = 1; i <= 100; ++i) pacer.succeeded(Duration(i * 50));
  pacer.refused(Duration(5000), Duration(4990), std::nullopt);
  EXPECT_GT(pacer.rate(), 18);
  EXPECT_LT(pacer.rate(), 26);
}

TEST(Pacer, never_stands_still) {
  Pacer pacer;
  for (int i = 0; i < 1000; ++i) pacer.refused(Duration(i * 10), Duration(i * 10), std::nullopt);
  EXPECT_GT(pacer.rate(), 0);
  EXPECT_LE(pacer.wait(Duration(9990)), Duration(60'000));
}

}  // namespace
}  // namespace credentials
