#include "base/hex_escapes.h"

#include <gtest/gtest.h>

TEST(HexEscapes, are_undone_and_a_lone_mark_stands_for_itself) {
  EXPECT_EQ(base::hex_unescaped("team%2Fwork", '%'), "team/work");
  EXPECT_EQ(base::hex_unescaped("100%25", '%'), "100%");
  EXPECT_EQ(base::hex_unescaped("aws_2dvault", '_'), "aws-vault");
  for (const std::string_view text : {"a%2", "%zz", "%", "%2z", ""}) EXPECT_EQ(base::hex_unescaped(text, '%'), text);
}
