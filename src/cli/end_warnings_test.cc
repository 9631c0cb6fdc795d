// The watcher's sense of time: each mark once, by the wall clock, however it jumps.
#include "cli/end_warnings.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::Instant kEnd = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

TEST(EndWarnings, says_fifteen_minutes_five_minutes_and_the_end_each_once) {
  EndWarnings warnings(kEnd);
  auto step = warnings.at(kEnd - hours{1});
  EXPECT_FALSE(step.say);
  EXPECT_EQ(step.next, minutes{45});
  step = warnings.at(kEnd - minutes{15});
  EXPECT_EQ(step.say, minutes{15});
  EXPECT_EQ(step.next, minutes{10});
  EXPECT_FALSE(warnings.at(kEnd - minutes{14}).say);
  EXPECT_EQ(warnings.at(kEnd - minutes{5}).say, minutes{5});
  EXPECT_FALSE(warnings.at(kEnd - minutes{5} + seconds{1}).say);
  step = warnings.at(kEnd);
  EXPECT_EQ(step.say, seconds{0});
  EXPECT_TRUE(step.over);
}

TEST(EndWarnings, what_is_short_from_the_start_is_said_only_in_the_last_minutes) {
  EndWarnings short_session(kEnd);
  EXPECT_FALSE(short_session.at(kEnd - minutes{12}).say);
  EXPECT_EQ(short_session.at(kEnd - minutes{5}).say, minutes{5});
  EndWarnings nearly_over(kEnd);
  EXPECT_EQ(nearly_over.at(kEnd - minutes{2}).say, minutes{2});
  EXPECT_FALSE(nearly_over.at(kEnd - minutes{1}).say);
}

TEST(EndWarnings, after_a_long_sleep_only_what_is_true_now_is_said) {
  EndWarnings late(kEnd);
  late.at(kEnd - hours{1});
  EXPECT_EQ(late.at(kEnd - minutes{3}).say, minutes{3});
  EndWarnings too_late(kEnd);
  too_late.at(kEnd - hours{1});
  const auto step = too_late.at(kEnd + hours{8});
  EXPECT_EQ(step.say, -hours{8});
  EXPECT_TRUE(step.over);
}

TEST(EndWarnings, a_clock_that_is_set_back_makes_a_mark_count_anew_but_not_for_a_second) {
  EndWarnings warnings(kEnd);
  warnings.at(kEnd - hours{1});
  EXPECT_TRUE(warnings.at(kEnd - minutes{15}).say);
  EXPECT_FALSE(warnings.at(kEnd - minutes{15} - seconds{1}).say);
  EXPECT_FALSE(warnings.at(kEnd - minutes{15}).say);
  const auto step = warnings.at(kEnd - hours{2});
  EXPECT_FALSE(step.say);
  EXPECT_EQ(step.next, minutes{105});
  EXPECT_TRUE(warnings.at(kEnd - minutes{15}).say);
}

TEST(EndWarnings, there_is_always_a_time_to_wait_for_until_it_is_over) {
  EndWarnings warnings(kEnd);
  for (auto left = minutes{120}; left > minutes{0}; left -= minutes{1})
    EXPECT_GT(warnings.at(kEnd - left).next, base::Duration{0}) << left.count();
}

TEST(EndWarnings, the_line_names_the_profile_and_rounds_up) {
  EXPECT_EQ(end_warning("prod", minutes{5} - base::Duration{3}), "kabuto: warning: the credentials of prod end in 5m");
  EXPECT_EQ(end_warning("prod", seconds{-1}),
            "kabuto: warning: the credentials of prod have ended; for new ones run kabuto exec prod");
  EXPECT_EQ(end_warning("a\x1b[2Jb", minutes{5}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace cli
