#include "cli/arguments.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

/// One of everything, as a command declares it.
struct Words {
  std::optional<std::string> duration;
  std::string format = "env";
  std::vector<std::string> tags;
  bool quick = false;
  bool loud = false;
  std::string profile;
  std::vector<std::string> command;
};

base::Result<Words> parse(const std::vector<std::string>& words) {
  Words out;
  Arguments arguments("exec", "PROFILE", "summary");
  arguments.option("-d,--duration", "DURATION", out.duration, "how long");
  arguments.option("--format", "FORMAT", out.format, "which form");
  arguments.option("--tag", "TAG", out.tags, "several");
  arguments.flag("-q,--quick", out.quick, "quick");
  arguments.flag("-l,--loud", out.loud, "loud");
  arguments.positional("PROFILE", out.profile, Presence::required, "whose");
  arguments.command_after_dashes("CMD…", out.command, "what to run");
  TRY(arguments.parse(words));
  return out;
}

TEST(Arguments, values_stand_in_the_next_word_or_behind_an_equals_sign_or_a_letter) {
  EXPECT_EQ(parse({"p", "--duration", "1h"})->duration, "1h");
  EXPECT_EQ(parse({"p", "--duration=1h"})->duration, "1h");
  EXPECT_EQ(parse({"-d", "1h", "p"})->duration, "1h");
  EXPECT_EQ(parse({"-d1h", "p"})->duration, "1h");
  EXPECT_EQ(parse({"--format=a=b", "p"})->format, "a=b");
  EXPECT_EQ(parse({"--format=", "p"})->format, "");
  EXPECT_FALSE(parse({"p"})->duration.has_value());
}

TEST(Arguments, flags_may_be_joined_and_repeated) {
  const auto words = parse({"-ql", "p", "-q"});
  ASSERT_TRUE(words.has_value());
  EXPECT_TRUE(words->quick && words->loud);
}

TEST(Arguments, what_follows_the_dashes_is_untouched) {
  const auto words = parse({"p", "--", "-d", "--help", "--", ""});
  ASSERT_TRUE(words.has_value());
  EXPECT_EQ(words->command, (std::vector<std::string>{"-d", "--help", "--", ""}));
}

TEST(Arguments, an_option_for_several_values_takes_each) {
  EXPECT_EQ(parse({"p", "--tag", "a", "--tag=b"})->tags, (std::vector<std::string>{"a", "b"}));
}

TEST(Arguments, what_is_wrong_is_a_usage_error_with_a_hint) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"p", "q"},
      {"p", "--no-such"},
      {"p", "-x"},
      {"p", "--duration"},
      {"p", "-d"},
      {"p", "--duration", "1h", "-d", "2h"},
      {"p", "--quick=yes"},
  };
  for (const auto& words : wrong) {
    const auto parsed = parse(words);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().kind, base::ErrorKind::usage);
    EXPECT_EQ(parsed.error().hint, "run kabuto help exec");
  }
}

TEST(Arguments, a_command_without_its_dashes_is_told_where_they_go) {
  EXPECT_NE(parse({"p", "env"}).error().what.find("put -- before"), std::string::npos);
}

TEST(Arguments, words_of_others_are_shown_without_their_control_characters) {
  EXPECT_EQ(parse({"p", "--\x1b[31m"}).error().what.find('\x1b'), std::string::npos);
  EXPECT_EQ(parse({"p", "\x1b[31m"}).error().what.find('\x1b'), std::string::npos);
}

TEST(Arguments, help_wins_over_everything_that_is_wrong) {
  Arguments arguments("exec", "PROFILE", "summary");
  std::string profile;
  arguments.positional("PROFILE", profile, Presence::required, "whose");
  ASSERT_TRUE(arguments.parse({"--no-such", "--help"}).has_value());
  EXPECT_TRUE(arguments.help_asked());
}

}  // namespace
}  // namespace cli
