#include "aws/settings.h"

#include <gtest/gtest.h>

namespace aws {
namespace {

class Settings : public testing::Test {
 protected:
  SettingSources from(const base::Environment& environment, std::string_view region_flag = {}) {
    return {.environment = environment, .profiles = &profiles_, .profile = &profile_, .region_flag = region_flag};
  }
  Profiles profiles_ = std::move(Profiles::of_texts("[profile p]\nregion = eu-west-1\nca_bundle = ~/ca.pem\n"
                                                    "retry_mode = adaptive\nmax_attempts = 5\n",
                                                    {})
                                     .value());
  Profile profile_ = *profiles_.find("p").value();
};

TEST_F(Settings, region_follows_the_order) {
  const base::Environment both = {"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-2"};
  const base::Environment fallback = {"AWS_REGION=", "AWS_DEFAULT_REGION=us-east-2"};
  const base::Environment none;
  EXPECT_EQ(region(from(both, "us-west-1")).value()->origin, "--region");
  EXPECT_EQ(region(from(both)).value()->value, "us-east-1");
  EXPECT_EQ(region(from(fallback)).value()->value, "us-east-2");
  EXPECT_EQ(region(from(none)).value()->value, "eu-west-1");
  EXPECT_EQ(region(from(none)).value()->origin, "config line 2");
  EXPECT_FALSE(region({.environment = none}).value().has_value());
}

TEST_F(Settings, ca_bundle_follows_the_order) {
  const base::Environment variable = {"AWS_CA_BUNDLE=/a", "REQUESTS_CA_BUNDLE=/b"};
  const base::Environment last = {"HOME=/home/u", "REQUESTS_CA_BUNDLE=/b"};
  EXPECT_EQ(ca_bundle(from(variable))->value, "/a");
  EXPECT_EQ(ca_bundle(from(last))->value, "/home/u/ca.pem");
  EXPECT_EQ(ca_bundle({.environment = last})->value, "/b");
}

TEST_F(Settings, retry_is_read_and_checked) {
  const base::Environment none;
  EXPECT_EQ(retry(from(none))->mode, "adaptive");
  EXPECT_EQ(retry(from(none))->max_attempts, 5U);
  EXPECT_EQ(retry({.environment = none})->max_attempts, 3U);
  EXPECT_FALSE(retry(from({"AWS_MAX_ATTEMPTS=0"})).has_value());
  EXPECT_FALSE(retry(from({"AWS_MAX_ATTEMPTS=many"})).has_value());
  EXPECT_FALSE(retry(from({"AWS_RETRY_MODE=hard"})).has_value());
}

TEST_F(Settings, the_profile_is_the_argument_or_the_variable_or_default) {
  const base::Environment both = {"AWS_PROFILE=a", "AWS_DEFAULT_PROFILE=b"};
  EXPECT_EQ(selected_profile(both, "c").value, "c");
  EXPECT_EQ(selected_profile(both, "").value, "a");
  EXPECT_EQ(selected_profile({"AWS_DEFAULT_PROFILE=b"}, "").value, "b");
  EXPECT_EQ(selected_profile({}, "").value, "default");
}

}  // namespace
}  // namespace aws
