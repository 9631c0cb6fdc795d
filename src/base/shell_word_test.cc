#include "base/shell_word.h"

#include <gtest/gtest.h>

namespace {

TEST(ShellWord, is_quoted_only_where_a_shell_would_read_more_than_a_word) {
  EXPECT_EQ(base::shell_word("/home/u/.aws/config"), "/home/u/.aws/config");
  EXPECT_EQ(base::shell_word(""), "''");
  EXPECT_EQ(base::shell_word("a b"), "'a b'");
  EXPECT_EQ(base::shell_word("it's $(touch x)"), "'it'\\''s $(touch x)'");
}

TEST(ShellWord, an_editor_opens_a_file_at_a_line_whatever_its_name_is) {
  EXPECT_EQ(base::editor_command("/home/u/.aws/config", 3), "${EDITOR:-vi} +3 '/home/u/.aws/config'");
  EXPECT_EQ(base::editor_command("/it's", 1), "${EDITOR:-vi} +1 '/it'\\''s'");
}

}  // namespace
