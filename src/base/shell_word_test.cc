#include "base/shell_word.h"

#include <gtest/gtest.h>

namespace {

TEST(ShellWord, is_quoted_only_where_a_shell_would_read_more_than_a_word) {
  EXPECT_EQ(base::shell_word("/home/u/.aws/config"), "/home/u/.aws/config");
  EXPECT_EQ(base::shell_word(""), "''");
  EXPECT_EQ(base::shell_word("a b"), "'a b'");
  EXPECT_EQ(base::shell_word("it's $(touch x)"), "'it'\\''s $(touch x)'");
}

}  // namespace
