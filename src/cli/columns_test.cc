#include "cli/columns.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(Columns, wide_characters_take_two_and_combining_marks_none) {
  EXPECT_EQ(columns("prod"), 4U);
  EXPECT_EQ(columns("本番"), 4U);
  EXPECT_EQ(columns("가"), 2U);
  EXPECT_EQ(columns("e\xCC\x81"), 1U);
  EXPECT_EQ(columns("🚀"), 2U);
  EXPECT_EQ(columns("é—…"), 3U);
  EXPECT_EQ(columns("\xff"), 1U);
  EXPECT_EQ(columns(""), 0U);
}

TEST(Columns, what_is_cut_ends_in_an_ellipsis_and_never_takes_more_than_the_width) {
  EXPECT_EQ(cut_to("production", 10), "production");
  EXPECT_EQ(cut_to("production", 5), "prod…");
  EXPECT_EQ(cut_to("本番環境", 5), "本番…");
  EXPECT_EQ(cut_to("本番環境", 4), "本…");
  EXPECT_EQ(cut_to("x", 0), "");
  EXPECT_EQ(cut_to("日", 1), "…");
  for (std::size_t width = 0; width < 12; ++width) EXPECT_LE(columns(cut_to("a本b番c🚀d環", width)), width);
}

TEST(Columns, what_is_filled_takes_exactly_the_width) {
  EXPECT_EQ(fitted("本", 4), "本  ");
  for (std::size_t width = 0; width < 12; ++width) EXPECT_EQ(columns(fitted("本番🚀", width)), width);
}

}  // namespace
}  // namespace cli
