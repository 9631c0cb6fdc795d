// Recent use: what counts, what is kept, and that nothing which goes wrong with the file is anybody's trouble.
#include "cli/recent.h"

#include "base/fake_clock_for_test.h"
#include "base/file.h"
#include "base/own_directory_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace cli {
namespace {

using std::chrono::hours;
using std::chrono::weeks;

const base::Instant kNow = *base::parse_iso8601("2030-01-01T00:00:00Z");

std::vector<std::string> order(const RecentUses& recent, base::Instant now = kNow) {
  std::vector<std::string> names;
  for (const auto& use : recent.ranked(now)) names.push_back(parts_of_used(use.what)[0]);
  return names;
}

TEST(Recent, what_was_used_last_comes_first) {
  RecentUses recent;
  recent.add(used_profile("old"), kNow - hours(2), 1);
  recent.add(used_profile("new"), kNow - hours(1), 1);
  EXPECT_EQ(order(recent), (std::vector<std::string>{"new", "old"}));
}

TEST(Recent, what_is_used_often_comes_before_what_was_used_once_a_moment_ago) {
  RecentUses recent;
  for (int day = 1; day <= 4; ++day) recent.add(used_profile("daily"), kNow - hours(24 * day), 1);
  recent.add(used_profile("once"), kNow, 1);
  EXPECT_EQ(order(recent), (std::vector<std::string>{"daily", "once"}));
}

TEST(Recent, a_habit_of_last_month_is_behind_what_is_used_today) {
  RecentUses recent;
  for (int i = 0; i < 8; ++i) recent.add(used_profile("habit"), kNow - weeks(4), 1);
  recent.add(used_profile("today"), kNow - hours(1), 1);
  EXPECT_EQ(order(recent), (std::vector<std::string>{"today", "habit"}));
}

TEST(Recent, the_order_of_the_lines_does_not_matter) {
  RecentUses forward;
  RecentUses backward;
  for (int i = 0; i < 5; ++i) forward.add(used_profile("p"), kNow - hours(i * 50), 1);
  for (int i = 4; i >= 0; --i) backward.add(used_profile("p"), kNow - hours(i * 50), 1);
  EXPECT_NEAR(forward.ranked(kNow)[0].weight, backward.ranked(kNow)[0].weight, 1e-9);
}

TEST(Recent, a_use_in_the_future_counts_as_of_now_and_does_not_stay_ahead_for_ever) {
  RecentUses recent;
  recent.add(used_profile("future"), kNow + weeks(500), 1);
  recent.add(used_profile("now"), kNow, 1);
  recent.add(used_profile("now"), kNow, 1);
  EXPECT_EQ(order(recent), (std::vector<std::string>{"now", "future"}));
  const auto kept = RecentUses::parse(recent.text(kNow, 10)).ranked(kNow + weeks(1));
  for (const auto& use : kept) EXPECT_EQ(use.last, kNow);
}

TEST(Recent, names_come_back_as_they_were_whatever_they_hold) {
  for (const char* const name : {"a b", "line\nend", "\x1b[2J", "100%", "日本", "a=b", "-", "\xff"})
    EXPECT_EQ(parts_of_used(used_profile(name)), std::vector<std::string>{name});
  EXPECT_EQ(parts_of_used(used_role("corp", "111122223333", "Read Only")),
            (std::vector<std::string>{"corp", "111122223333", "Read Only"}));
}

TEST(Recent, lines_that_are_none_are_passed_over) {
  const auto recent = RecentUses::parse(
      "kabuto recent 1\n1 1000 profile a\nnonsense\n2 1000\nx 1000 profile b\n3 0 profile c\n4 -1 profile d\n"
      "5 1000 profile e%2\n6 1000 profile %61\n7 1000 other f\n8 1000 role a b\n9 1000 profile \n-1 1000 profile g\n"
      "99999999999999999999 1 profile h\n10 1000 profile z");
  EXPECT_EQ(order(recent), (std::vector<std::string>{"z", "a"}));
}

TEST(Recent, writing_it_anew_keeps_the_order_and_the_best) {
  RecentUses recent;
  for (int i = 0; i < 20; ++i) recent.add(used_profile("p" + std::to_string(i)), kNow - hours(i), 1);
  const auto kept = RecentUses::parse(recent.text(kNow, 3));
  EXPECT_EQ(order(kept), (std::vector<std::string>{"p0", "p1", "p2"}));
}

class RecentFile : public testing::Test {
 protected:
  base::OwnDirectory directory_;
  secret::Places places_{directory_.path() + "/kabuto"};
};

TEST_F(RecentFile, a_use_is_appended_to_a_file_that_only_its_owner_reads) {
  note_use(places_, used_profile("prod"), kNow);
  note_use(places_, used_profile("dev"), kNow + hours(1));
  struct stat facts{};
  ASSERT_EQ(stat(places_.recent().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
  EXPECT_EQ(order(read_recent(places_), kNow + hours(2)), (std::vector<std::string>{"dev", "prod"}));
}

TEST_F(RecentFile, ten_thousand_uses_do_not_make_it_large) {
  for (int i = 0; i < 10'000; ++i) note_use(places_, used_profile("profile-" + std::to_string(i % 700)), kNow);
  struct stat facts{};
  ASSERT_EQ(stat(places_.recent().c_str(), &facts), 0);
  EXPECT_LE(facts.st_size, 65 * 1024);
  EXPECT_GE(read_recent(places_).ranked(kNow).size(), 300U);
}

TEST_F(RecentFile, what_cannot_be_written_is_nobodys_trouble) {
  ASSERT_TRUE(base::ensure_private_directory(places_.directory).has_value());
  ASSERT_EQ(mkfifo(places_.recent().c_str(), 0600), 0);
  note_use(places_, used_profile("prod"), kNow);
  EXPECT_TRUE(read_recent(places_).ranked(kNow).empty());
  note_use(secret::Places{"/proc/no-home"}, used_profile("prod"), kNow);
}

TEST_F(RecentFile, a_name_of_absurd_length_is_not_kept) {
  note_use(places_, used_profile(std::string(100'000, 'x')), kNow);
  EXPECT_TRUE(read_recent(places_).ranked(kNow).empty());
}

}  // namespace
}  // namespace cli
