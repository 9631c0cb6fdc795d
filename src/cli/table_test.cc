// The rows against what must exist for each: a page, a help text, a name of its own.
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace cli {
namespace {

class Recorded final : public Output {
 public:
  base::Result<void> answer(std::string_view text) override {
    answers += text;
    return {};
  }
  void note(std::string_view text) override { notes += text; }
  void warn(std::string_view text) override { notes += text; }
  void error(const base::Error& error) override { errors.push_back(error); }

  std::string answers;
  std::string notes;
  std::vector<base::Error> errors;
};

struct Ran {
  int code;
  std::string answer;
  std::vector<base::Error> errors;
};

Ran run_words(const std::vector<std::string>& words) {
  base::SystemClock clock;
  const base::Environment environment = {"HOME=/proc/no-home", "KABUTO_HOME=/proc/no-home/kabuto", "TERM=dumb"};
  Recorded output;
  Context context(clock, environment, output);
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  const int code = run(pointers, context);
  return {code, output.answers, output.errors};
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out;
  for (const auto part : base::split(name, ' ')) out.emplace_back(part);
  return out;
}

TEST(Table, no_two_commands_share_a_name) {
  std::set<std::string_view> names;
  for (const auto& row : commands()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  EXPECT_GE(names.size(), 9u);
}

TEST(Table, every_command_has_a_line_of_help_in_the_houses_form) {
  for (const auto& row : commands()) {
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_FALSE(row.summary.ends_with('.')) << row.name;
    EXPECT_FALSE(row.summary[0] >= 'A' && row.summary[0] <= 'Z' && !row.summary.starts_with("AWS")) << row.name;
    EXPECT_EQ(row.summary.find('\n'), std::string_view::npos) << row.name;
  }
}

TEST(Table, every_command_answers_to_help_in_three_ways) {
  for (const auto& row : commands()) {
    auto asked = words_of(row.name);
    asked.emplace_back("--help");
    const auto by_option = run_words(asked);
    EXPECT_EQ(by_option.code, 0) << row.name;
    EXPECT_NE(by_option.answer.find("usage: kabuto " + std::string(row.name)), std::string::npos) << row.name;
    asked.back() = "-h";
    EXPECT_EQ(run_words(asked).answer, by_option.answer);
    asked.pop_back();
    asked.insert(asked.begin(), "help");
    EXPECT_NE(run_words(asked).answer.find("usage: kabuto " + std::string(row.name)), std::string::npos) << row.name;
  }
}

TEST(Table, every_command_has_a_page_that_shows_how_to_call_it_and_names_its_options) {
  for (const auto& row : commands()) {
    if (row.listed == Listed::no) continue;
    const std::string first = words_of(row.name)[0];
    const auto page = base::read_file(std::string(KABUTO_SOURCE_DIR) + "/doc/cmd/" + first + ".md", 1 << 20);
    ASSERT_TRUE(page.has_value() && page->has_value()) << "doc/cmd/" << first << ".md is missing";
    EXPECT_NE((*page)->find("kabuto " + std::string(row.name)), std::string::npos) << row.name;
    Arguments arguments(row.name, row.synopsis, row.summary);
    const Action unused = row.declare(arguments);
    for (const auto& option : arguments.declared()) {
      if (option.names[0] != '-' || option.names.starts_with("-- ") || option.names == "-h,--help") continue;
      const auto names = base::split(option.names, ',');
      EXPECT_TRUE(std::ranges::any_of(names, [&](auto name) { return (*page)->find(name) != std::string::npos; }))
          << "doc/cmd/" << first << ".md says nothing of " << option.names;
    }
  }
}

TEST(Table, an_unknown_command_or_option_is_usage_and_125_under_exec) {
  EXPECT_EQ(run_words({"no-such"}).code, 2);
  EXPECT_EQ(run_words({"export", "p", "--no-such"}).code, 2);
  EXPECT_EQ(run_words({"export"}).code, 2);
  EXPECT_EQ(run_words({"export", "p", "--format", "no-such"}).code, 2);
  EXPECT_EQ(run_words({"exec"}).code, 125);
  EXPECT_EQ(run_words({"exec", "p", "--no-such", "--", "true"}).code, 125);
  EXPECT_EQ(run_words({"exec", "p", "--duration", "soon"}).code, 125);
  EXPECT_EQ(run_words({"exec", "p", "--mfa-token", "12345"}).code, 125);
}

TEST(Table, a_code_of_mfa_is_not_repeated_in_an_error) {
  const auto ran = run_words({"export", "p", "--mfa-token", "1234567"});
  ASSERT_EQ(ran.errors.size(), 1u);
  EXPECT_EQ(ran.errors[0].what.find("1234567"), std::string::npos);
}

TEST(Table, common_options_may_stand_before_the_command) {
  EXPECT_EQ(run_words({"-v", "version"}).code, 0);
  EXPECT_EQ(run_words({"--passphrase-fd", "3", "--verbose", "version"}).code, 0);
  EXPECT_EQ(run_words({"-v"}).code, 0);
}

TEST(Table, kabuto_alone_says_what_to_type_next) {
  const auto ran = run_words({});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.answer.find("next: kabuto add NAME"), std::string::npos);
}

TEST(Table, an_unknown_profile_is_not_found) {
  EXPECT_EQ(run_words({"export", "no-such"}).code, 5);
  EXPECT_EQ(run_words({"exec", "no-such", "--", "true"}).code, 125);
}

}  // namespace
}  // namespace cli
