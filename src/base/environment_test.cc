#include "base/environment.h"

#include <gtest/gtest.h>

TEST(Environment, first_entry_of_a_name_counts) {
  const base::Environment environment{"A=1", "AB=2", "A=3", "E=", "=odd", "noequals"};
  EXPECT_EQ(environment.get("A"), "1");
  EXPECT_EQ(environment.get("AB"), "2");
  EXPECT_EQ(environment.get("B"), std::nullopt);
  EXPECT_EQ(environment.get("E"), "");
  EXPECT_EQ(environment.get_nonempty("E"), std::nullopt);
  EXPECT_EQ(environment.get("noequals"), std::nullopt);
  EXPECT_EQ(environment.entries().size(), 6U);
}

TEST(Environment, home_is_absolute_or_nothing) {
  EXPECT_EQ(base::home_directory({"HOME=/home/ada"}), "/home/ada");
  EXPECT_EQ(base::home_directory({"HOME=relative"}), std::nullopt);
  EXPECT_EQ(base::home_directory({"HOME="}), std::nullopt);
  EXPECT_EQ(base::home_directory({}), std::nullopt);
}
