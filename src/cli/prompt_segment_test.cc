// The prompt's segment: what it shows when, and that no name can do anything in a prompt that is expanded again.
#include "cli/prompt_segment.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cli {
namespace {

constexpr base::Instant kNow = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

std::string segment(const base::Environment& environment, PromptShell shell = PromptShell::plain,
                    std::string_view format = kPromptFormat) {
  const auto text = prompt_segment(environment, kNow, format, shell);
  return text ? *text : "error: " + text.error().what;
}

TEST(PromptSegment, shows_profile_region_and_time_left) {
  EXPECT_EQ(segment({"KABUTO_PROFILE=prod", "KABUTO_REGION=eu-west-1", "AWS_REGION=us-east-1",
                     "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:42:00Z"}),
            "(prod eu-west-1 42m) ");
}

TEST(PromptSegment, is_empty_outside_of_exec) {
  EXPECT_EQ(segment({"AWS_REGION=eu-west-1", "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:42:00Z"}), "");
  EXPECT_EQ(segment({"KABUTO_PROFILE="}), "");
  EXPECT_EQ(segment({"AWS_PROFILE=prod"}, PromptShell::bash), "");
}

TEST(PromptSegment, what_is_unknown_takes_its_space_along) {
  EXPECT_EQ(segment({"KABUTO_PROFILE=prod"}), "(prod) ");
  EXPECT_EQ(segment({"KABUTO_PROFILE=prod", "AWS_REGION=eu-west-1"}), "(prod eu-west-1) ");
  EXPECT_EQ(segment({"KABUTO_PROFILE=prod", "AWS_CREDENTIAL_EXPIRATION=soon"}), "(prod) ");
}

TEST(PromptSegment, warns_by_colour_near_the_end_marked_as_each_shell_wants_it) {
  const auto at = [](const char* expires, PromptShell shell) {
    return segment({"KABUTO_PROFILE=p", expires}, shell, "{left}");
  };
  constexpr auto kFar = "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:15:01Z";
  constexpr auto kNear = "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:15:00Z";
  constexpr auto kLast = "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:04:30Z";
  constexpr auto kOver = "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z";
  EXPECT_EQ(at(kFar, PromptShell::fish), "15m");
  EXPECT_EQ(at(kNear, PromptShell::fish), "\x1b[33m15m\x1b[0m");
  EXPECT_EQ(at(kNear, PromptShell::bash),
            "\x01\x1b[33m\x02"
            "15m\x01\x1b[0m\x02");
  EXPECT_EQ(at(kLast, PromptShell::zsh), "%{\x1b[31m%}4m30s%{\x1b[0m%}");
  EXPECT_EQ(at(kOver, PromptShell::fish), "\x1b[1;31mended\x1b[0m");
  EXPECT_EQ(at(kOver, PromptShell::plain), "ended");
}

TEST(PromptSegment, no_color_is_honoured) {
  EXPECT_EQ(segment({"KABUTO_PROFILE=p", "NO_COLOR=1", "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z"},
                    PromptShell::fish, "{left}"),
            "ended");
}

TEST(PromptSegment, a_format_is_the_persons_own_and_an_unknown_name_in_it_is_an_error_also_outside) {
  EXPECT_EQ(segment({"KABUTO_PROFILE=p", "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:42:00Z"}, PromptShell::plain,
                    "aws:{profile} until {expires}|"),
            "aws:p until 2030-01-01T00:42:00Z|");
  EXPECT_TRUE(segment({}, PromptShell::plain, "{user}").starts_with("error: "));
  EXPECT_TRUE(segment({}, PromptShell::plain, "{profile").starts_with("error: "));
}

TEST(PromptSegment, hostile_names_come_out_without_what_a_shell_or_terminal_acts_on) {
  const std::vector<std::string> hostile = {"$(touch x)", "`touch x`", "${x}",       "\\[\\]\\u",
                                            "a!b",        "%F{red}%n", "\x1b]0;t\a", "a\nb\rc\tb",
                                            "\x01\x02",   "\xff\xfe",  "\u202eabc"};
  for (const auto& name : hostile) {
    const std::string entry = "KABUTO_PROFILE=" + name;
    const std::string region = "KABUTO_REGION=" + name;
    for (const auto shell : {PromptShell::bash, PromptShell::zsh, PromptShell::fish, PromptShell::plain}) {
      const std::string text = segment({entry, region}, shell, "{profile}{region}");
      EXPECT_FALSE(text.empty());
      for (const char c : text) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << name;
      EXPECT_EQ(text.find("\u202e"), std::string::npos);
      if (shell == PromptShell::bash || shell == PromptShell::zsh) {
        EXPECT_EQ(text.find_first_of("$`\\!"), std::string::npos) << name;
      }
    }
  }
  EXPECT_EQ(segment({"KABUTO_PROFILE=100%"}, PromptShell::zsh, "{profile}"), "100%%");
  EXPECT_EQ(segment({"KABUTO_PROFILE=100%"}, PromptShell::bash, "{profile}"), "100%");
}

TEST(PromptSegment, a_name_without_end_is_cut) {
  const std::string entry = "KABUTO_PROFILE=" + std::string(100'000, 'x');
  EXPECT_LT(segment({entry}).size(), 120u);
}

}  // namespace
}  // namespace cli
