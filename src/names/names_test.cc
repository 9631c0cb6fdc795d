#include "names/names.h"

#include "cli/old_names.h"

#include <gtest/gtest.h>

namespace names {
namespace {

TEST(Names, the_last_part_of_the_program_s_name_counts) {
  for (const auto* typed : {"aws-vault", "/usr/local/bin/aws-vault", "./aws-vault", "a b/aws-vault"}) {
    const Name* const found = called_as(typed);
    ASSERT_NE(found, nullptr) << typed;
    EXPECT_EQ(found->name, "aws-vault");
  }
  for (const auto* typed :
       {"", "kabuto", "/usr/bin/kabuto", "/proc/self/exe", "aws-vault/", "aws-vault-2", "my-aws-vault"})
    EXPECT_EQ(called_as(typed), nullptr) << typed;
}

TEST(Names, every_name_that_can_be_installed_is_answered_to) {
  for (const auto name : cli::kOldNames) EXPECT_NE(called_as(name), nullptr) << name;
  EXPECT_EQ(count_of_names(), cli::kOldNames.size());
}

}  // namespace
}  // namespace names
