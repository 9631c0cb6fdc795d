#include "cli/shell_line.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

constexpr std::string_view kBreaks = " \t\n\"'@><=;|&(:";

ShellLine parsed(std::string_view line) { return parse_shell_line(line, kBreaks); }

std::string written(std::string_view line, std::string_view value) {
  return written_for(parsed(line), value).value_or("(not offered)");
}

TEST(ShellLine, words_lose_their_quotes) {
  const auto line = parsed(R"(kabuto exec 'a b' "c \"d\" \e" f\ g h)");
  EXPECT_EQ(line.words, (std::vector<std::string>{"kabuto", "exec", "a b", "c \"d\" \\e", "f g"}));
  EXPECT_EQ(line.current, "h");
  EXPECT_EQ(parsed("kabuto exec ").current, "");
  EXPECT_EQ(parsed("kabuto exec '' ").words.size(), 3U);
}

TEST(ShellLine, a_candidate_is_escaped_where_no_quote_is_open) {
  EXPECT_EQ(written("kabuto exec ", "prod"), "prod");
  EXPECT_EQ(written("kabuto exec ", "my prod"), "my\\ prod");
  EXPECT_EQ(written("kabuto exec my\\ p", "my prod"), "my\\ prod");
  EXPECT_EQ(written("kabuto exec ", "$(reboot)'\"`&;"), "\\$\\(reboot\\)\\'\\\"\\`\\&\\;");
  EXPECT_EQ(written("kabuto exec ", "日本"), "日本");
  EXPECT_EQ(written("kabuto exec ", "~x"), "\\~x");
}

TEST(ShellLine, readline_replaces_only_what_follows_a_colon_or_an_equals_sign) {
  EXPECT_EQ(written("kabuto exec a", "a:b"), "a:b");
  EXPECT_EQ(written("kabuto exec a:", "a:b"), "b");
  EXPECT_EQ(written("kabuto exec a\\:", "a:b"), "a:b");
  EXPECT_EQ(written("kabuto exec a@h", "a@home"), "@home");
  EXPECT_EQ(written("kabuto export p --format=j", "--format=json"), "json");
}

TEST(ShellLine, an_open_quote_holds_what_it_can) {
  EXPECT_EQ(written("kabuto exec 'my p", "my prod"), "my prod");
  EXPECT_EQ(written("kabuto exec 'it", "it's"), "(not offered)");
  EXPECT_EQ(written("kabuto exec \"a", "a$(b)\"c"), "a\\$(b)\\\"c");
  EXPECT_EQ(written("kabuto exec \"a", "a!b"), "(not offered)");
}

TEST(ShellLine, what_does_not_begin_as_typed_is_not_offered) {
  EXPECT_EQ(written("kabuto exec x", "prod"), "(not offered)");
}

}  // namespace
}  // namespace cli
