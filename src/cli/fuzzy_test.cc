#include "cli/fuzzy.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

Searchable line(const std::string& name, const std::string& rest = "") {
  const std::string text = name + " " + rest;
  return {text, base::lower_ascii(text), name.size()};
}

/// Whether `query` fits `better` better than `worse`, and fits both.
testing::AssertionResult prefers(const std::string& query, const Searchable& better, const Searchable& worse) {
  const auto a = fit(query_words(query), better);
  const auto b = fit(query_words(query), worse);
  if (!a || !b) return testing::AssertionFailure() << query << " does not fit both";
  if (*a > *b) return testing::AssertionSuccess();
  return testing::AssertionFailure() << query << ": " << better.text << " has " << *a << ", " << worse.text << " "
                                     << *b;
}

TEST(Fuzzy, the_letters_of_every_word_must_be_there_in_order) {
  EXPECT_TRUE(fit({"prd"}, line("prod")).has_value());
  EXPECT_FALSE(fit({"drp"}, line("prod")).has_value());
  EXPECT_FALSE(fit({"prod", "dev"}, line("prod")).has_value());
  EXPECT_FALSE(fit({"prodd"}, line("prod")).has_value());
  EXPECT_EQ(fit({}, line("prod")), 0);
}

TEST(Fuzzy, what_stands_together_is_better_than_what_is_scattered) {
  EXPECT_TRUE(prefers("prod", line("my-prod-x"), line("p-r-o-d-x")));
  EXPECT_TRUE(prefers("prod", line("x-prod", "p r o d"), line("pxrxoxd")));
}

TEST(Fuzzy, begins_of_words_are_better_than_their_middles) {
  EXPECT_TRUE(prefers("ad", line("x-admin"), line("x-broad")));
  EXPECT_TRUE(prefers("pa", line("prod-admin"), line("xpxxax")));
  EXPECT_TRUE(prefers("ro", line("x", "ReadOnly"), line("x", "Aaronx")));
}

TEST(Fuzzy, the_name_is_better_than_the_other_columns_and_the_whole_name_best) {
  EXPECT_TRUE(prefers("prod", line("prod-x"), line("other", "prod-x")));
  EXPECT_TRUE(prefers("prod", line("prod"), line("prod-x")));
}

TEST(Fuzzy, case_does_not_matter) { EXPECT_TRUE(fit(query_words("ADMIN"), line("x", "Admin")).has_value()); }

TEST(Fuzzy, spaces_part_words_and_are_none) {
  EXPECT_EQ(query_words("  a  B "), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(query_words("   ").empty());
}

}  // namespace
}  // namespace cli
