// What is offered where, from the table of commands as it is.
#include "cli/completion.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cli {
namespace {

std::vector<std::string> values_of(ValueKind kind) {
  if (kind == ValueKind::profile) return {"prod", "dev", "evil\x1b[2J", "line\nend", "", "with space", "日本"};
  if (kind == ValueKind::sso_session) return {"corp"};
  return {};
}

Completion after(const std::vector<std::string>& words, std::string_view current = "") {
  return complete(commands(), words, current, values_of);
}

std::vector<std::string> names(const Completion& completion) {
  std::vector<std::string> out;
  for (const auto& candidate : completion.candidates) out.push_back(candidate.value);
  return out;
}

bool offers(const Completion& completion, std::string_view value) {
  return std::ranges::find(completion.candidates, value, &Candidate::value) != completion.candidates.end();
}

TEST(Completion, every_command_of_the_table_is_offered_word_by_word_with_its_help) {
  for (const auto& row : commands()) {
    if (row.listed == Listed::no) continue;
    std::vector<std::string> before;
    for (std::string_view rest = row.name; !rest.empty();) {
      const auto space = rest.find(' ');
      const std::string word(rest.substr(0, space));
      const auto offered = after(before);
      EXPECT_TRUE(offers(offered, word)) << row.name;
      rest = space == std::string_view::npos ? "" : rest.substr(space + 1);
      if (rest.empty()) {
        EXPECT_EQ(std::ranges::find(offered.candidates, word, &Candidate::value)->help, row.summary);
      }
      before.push_back(word);
    }
  }
  EXPECT_FALSE(offers(after({}), "store init"));
}

TEST(Completion, what_help_does_not_list_is_not_offered) {
  const auto hidden = std::ranges::find(commands(), Listed::no, &Command::listed);
  ASSERT_NE(hidden, commands().end());
  EXPECT_FALSE(offers(after({}), hidden->name));
  EXPECT_FALSE(offers(after({"help"}), hidden->name));
}

TEST(Completion, every_option_that_a_command_declares_is_offered) {
  for (const auto& row : commands()) {
    Arguments arguments(row.name, row.synopsis, row.summary);
    const Action unused = row.declare(arguments);
    std::vector<std::string> words;
    std::string_view rest = row.name;
    for (auto space = rest.find(' '); space != std::string_view::npos; space = rest.find(' ')) {
      words.emplace_back(rest.substr(0, space));
      rest.remove_prefix(space + 1);
    }
    words.emplace_back(rest);
    const auto offered = after(words, "--");
    for (const auto& option : arguments.declared()) {
      const auto dashes = option.names.find("--");
      if (dashes == std::string::npos || option.names.starts_with("-- ")) continue;
      EXPECT_TRUE(offers(offered, option.names.substr(dashes))) << row.name << " " << option.names;
    }
    EXPECT_TRUE(offers(offered, "--verbose"));
  }
}

TEST(Completion, a_profile_is_offered_where_one_is_wanted_and_never_one_with_control_characters) {
  EXPECT_EQ(names(after({"exec"})), (std::vector<std::string>{"prod", "dev", "with space", "日本"}));
  EXPECT_EQ(names(after({"exec", "--duration", "1h"})).size(), 4U);
  EXPECT_EQ(names(after({"-v", "exec"})).size(), 4U);
  EXPECT_EQ(names(after({"--passphrase-fd", "3", "exec"})).size(), 4U);
  EXPECT_EQ(names(after({"exec", "prod"})).size(), 0U);
  EXPECT_EQ(names(after({"rotate", "prod"})).size(), 4U);
  EXPECT_EQ(names(after({"profile", "rename"})).size(), 4U);
  EXPECT_EQ(names(after({"profile", "rename", "prod"})).size(), 0U);
}

TEST(Completion, the_value_of_an_option_is_offered_after_it_and_behind_its_equals_sign) {
  EXPECT_TRUE(offers(after({"export", "prod", "--format"}), "json"));
  EXPECT_TRUE(offers(after({"export", "-f"}), "fish"));
  const auto behind = after({"export", "prod"}, "--format=js");
  EXPECT_TRUE(offers(behind, "json"));
  EXPECT_EQ(behind.before, "--format=");
  EXPECT_TRUE(names(after({"exec", "--region"})).empty());
  EXPECT_TRUE(names(after({"exec"}, "--no-session=")).empty());
  EXPECT_EQ(names(after({"exec", "--no-session"})).size(), 4U);
}

TEST(Completion, behind_the_dashes_of_exec_the_shell_completes_a_command) {
  EXPECT_EQ(after({"exec", "prod", "--"}).kind, Completion::Kind::command);
  EXPECT_EQ(after({"exec", "prod", "--", "aws"}, "--").kind, Completion::Kind::command);
  EXPECT_EQ(after({"whoami", "--"}).kind, Completion::Kind::values);
}

TEST(Completion, files_are_the_shells_own_matter) {
  EXPECT_EQ(after({"store", "backup"}).kind, Completion::Kind::files);
  EXPECT_EQ(after({"store", "init", "--key-file"}).kind, Completion::Kind::files);
}

TEST(Completion, a_command_that_is_also_the_begin_of_others_offers_both) {
  const auto offered = after({"store", "slots"});
  EXPECT_TRUE(offers(offered, "add"));
  EXPECT_TRUE(offers(after({"store", "slots"}, "--"), "--json"));
}

TEST(Completion, nonsense_offers_nothing) {
  EXPECT_TRUE(names(after({"no-such-command"})).empty());
  EXPECT_TRUE(names(after({"no-such-command", "x", "--"}, "y")).empty());
  EXPECT_TRUE(names(after({"--passphrase-fd"})).empty());
}

}  // namespace
}  // namespace cli
