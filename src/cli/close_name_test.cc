#include "cli/close_name.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

const std::vector<std::string> kNames = {"production", "staging", "dev", "dev-admin"};

TEST(CloseName, a_slip_of_the_keys_finds_the_name) {
  EXPECT_EQ(close_name("prodution", kNames), "production");
  EXPECT_EQ(close_name("porduction", kNames), "production");
  EXPECT_EQ(close_name("stagign", kNames), "staging");
  EXPECT_EQ(close_name("dve", kNames), "dev");
}

TEST(CloseName, a_different_word_finds_nothing) {
  EXPECT_FALSE(close_name("sandbox", kNames).has_value());
  EXPECT_FALSE(close_name("x", {}).has_value());
  EXPECT_FALSE(close_name(std::string(5000, 'x'), kNames).has_value());
}

TEST(CloseName, a_name_that_begins_with_the_word_is_close) {
  EXPECT_EQ(close_name("prod", {"staging", "production", "prod-eu-west"}), "production");
  EXPECT_EQ(close_name("p", {"production"}), std::nullopt);
}

}  // namespace
}  // namespace cli
