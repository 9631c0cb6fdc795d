#include "cli/console_window.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(ConsoleWindow, a_whole_word_makes_a_name_production) {
  for (const auto* const name : {"prod", "shop-prod", "Production", "eu_prd_1", "live", "Shop Live (eu)", "prod2/prod"})
    EXPECT_TRUE(is_production_name(name)) << name;
  for (const auto* const name : {"", "dev", "product", "reproduce", "delivery", "non-prod", "nonprod", "pre prod",
                                 "preprod", "not-production", "prod2"})
    EXPECT_FALSE(is_production_name(name)) << name;
}

}  // namespace
}  // namespace cli
