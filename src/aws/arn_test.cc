#include "aws/arn.h"

#include <gtest/gtest.h>

namespace aws {
namespace {

TEST(Arn, is_taken_apart) {
  const auto arn = parse_arn("arn:aws:iam::123456789012:role/path/Name");
  ASSERT_TRUE(arn.has_value());
  EXPECT_EQ(arn->partition, "aws");
  EXPECT_EQ(arn->service, "iam");
  EXPECT_EQ(arn->region, "");
  EXPECT_EQ(arn->account, "123456789012");
  EXPECT_EQ(arn->resource, "role/path/Name");
  EXPECT_EQ(arn->name(), "Name");
}

TEST(Arn, the_resource_may_hold_colons) {
  EXPECT_EQ(parse_arn("arn:aws-cn:sns:cn-north-1:1:topic:sub")->resource, "topic:sub");
}

TEST(Arn, anything_else_is_none) {
  for (const auto text : {"", "arn", "arn:aws:iam::1", "arn:aws:iam::1:", "urn:aws:iam::1:x", "arn::iam::1:x",
                          "arn:aws:::1:x", "arn:aws:iam::1:role/a\nb", "GAHT12345678"})
    EXPECT_FALSE(parse_arn(text).has_value()) << text;
}

}  // namespace
}  // namespace aws
