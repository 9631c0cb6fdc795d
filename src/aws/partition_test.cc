#include "aws/partition.h"

#include "aws/vectors_for_test.h"

#include <gtest/gtest.h>

#include <regex>

namespace aws {
namespace {

TEST(Partition, the_table_is_that_of_partitions_json) {
  if (!vectors_present()) GTEST_SKIP();
  const auto theirs = vector_json("../aws/models/partitions.json").at("partitions");
  ASSERT_EQ(theirs.size(), partitions().size());
  std::size_t regions = 0;
  for (const auto& expected : theirs) {
    SCOPED_TRACE(expected.at("id").get<std::string>());
    const auto ours = partition_by_id(expected.at("id").get<std::string>());
    ASSERT_TRUE(ours.has_value());
    EXPECT_EQ(ours->dns_suffix, expected["outputs"]["dnsSuffix"].get<std::string>());
    EXPECT_EQ(ours->dual_stack_suffix, expected["outputs"]["dualStackDnsSuffix"].get<std::string>());
    EXPECT_EQ(ours->global_region, expected["outputs"]["implicitGlobalRegion"].get<std::string>());
    std::vector<std::string> listed;
    for (const auto& [name, facts] : expected["regions"].items()) {
      listed.push_back(name);
      EXPECT_EQ(partition_of_region(name).id, ours->id) << name;
    }
    EXPECT_EQ(listed, std::vector<std::string>(ours->regions.begin(), ours->regions.end()));
    regions += listed.size();
    const std::regex pattern(expected["regionRegex"].get<std::string>(), std::regex::ECMAScript);
    for (const std::string region :
         {"us-new-9", "eu-north-77", "cn-south-1", "us-gov-mid-1", "us-iso-mid-2", "us-isob-x-1", "eu-isoe-mid-1",
          "us-isof-mid-1", "eusc-de-west-1", "eusc-fr-west-1", "us-a-b-1", "us--1", "us-new-", "xx-new-1", "mx-x_y-10"})
      if (std::regex_match(region, pattern)) {
        EXPECT_EQ(partition_of_region(region).id, ours->id) << region;
      }
  }
  std::printf("vectors: aws/models/partitions.json: %zu partitions, %zu regions\n", theirs.size(), regions);
}

TEST(Partition, an_unknown_region_belongs_to_aws) {
  for (const auto region : {"xx-new-1", "us--1", "us-a-b-1", "eusc-fr-west-1", ""})
    EXPECT_EQ(partition_of_region(region).id, "aws");
}

TEST(Region, plain_names_pass) {
  for (const auto region : {"us-east-1", "aws-global", "eusc-de-east-1", "us-isob-east-1", "local", "fake-region-10"})
    EXPECT_TRUE(check_region(region, "test").has_value()) << region;
  EXPECT_TRUE(check_region(std::string(63, 'a'), "test").has_value());
}

TEST(Region, hostile_names_are_refused_and_shown_safely) {
  for (const std::string region : {"x@127.0.0.1:80/#", "a.b", "us-east-1\n", "us-east-\u0661", "-a", "a-", "",
                                   "US-EAST-1", "us east", "us/east", "us\r", "us%2e", "us_east", "us\\east"}) {
    const auto checked = check_region(region, "AWS_REGION");
    ASSERT_FALSE(checked.has_value()) << region;
    EXPECT_EQ(checked.error().kind, base::ErrorKind::refused);
    EXPECT_EQ(checked.error().what.find('\n'), std::string::npos);
    EXPECT_NE(checked.error().what.find("(AWS_REGION)"), std::string::npos);
  }
  EXPECT_FALSE(check_region(std::string(64, 'a'), "test").has_value());
  EXPECT_FALSE(check_region(std::string_view("us\0x", 4), "test").has_value());
}

}  // namespace
}  // namespace aws
