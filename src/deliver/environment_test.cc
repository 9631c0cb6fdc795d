#include "deliver/environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace deliver {
namespace {

aws::Credentials temporary() {
  return {"ASIAEXAMPLE", secret::Bytes::copy_of("se/cret+=="), secret::Bytes::copy_of("to'ken"),
          base::Instant{std::chrono::seconds{1'893'456'000}}, "123456789012"};
}

aws::Credentials long_term() { return {"AKIAEXAMPLE", secret::Bytes::copy_of("secret"), {}, std::nullopt, ""}; }

std::vector<std::string> entries(const EnvironmentBlock& block) {
  std::vector<std::string> out;
  for (char* const* entry = block.pointers(); *entry != nullptr; ++entry) out.emplace_back(*entry);
  return out;
}

std::vector<std::string> child(const base::Environment& parent, const aws::Credentials& credentials,
                               const Recipient& recipient) {
  const auto block = child_environment(parent, credentials, recipient);
  EXPECT_TRUE(block.has_value());
  return block ? entries(*block) : std::vector<std::string>();
}

long count(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::count_if(list, [&](const auto& entry) { return entry.starts_with(std::string(name) + "="); });
}

bool holds(const std::vector<std::string>& list, std::string_view entry) {
  return std::ranges::find(list, entry) != list.end();
}

TEST(ChildEnvironment, nothing_that_selects_credentials_is_inherited) {
  const base::Environment parent = {"AWS_ACCESS_KEY_ID=x",
                                    "AWS_SECRET_ACCESS_KEY=x",
                                    "AWS_SESSION_TOKEN=x",
                                    "AWS_SECURITY_TOKEN=x",
                                    "AWS_CREDENTIAL_FILE=x",
                                    "AWS_DEFAULT_PROFILE=x",
                                    "AWS_PROFILE=x",
                                    "AWS_SDK_LOAD_CONFIG=x",
                                    "AWS_ROLE_ARN=x",
                                    "AWS_ROLE_SESSION_NAME=x",
                                    "AWS_WEB_IDENTITY_TOKEN_FILE=x",
                                    "AWS_CONTAINER_CREDENTIALS_FULL_URI=x",
                                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=x",
                                    "AWS_CONTAINER_AUTHORIZATION_TOKEN=x",
                                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=x",
                                    "AWS_CREDENTIAL_EXPIRATION=x",
                                    "AWS_SESSION_EXPIRATION=x",
                                    "AWS_ACCOUNT_ID=x",
                                    "AWS_BEARER_TOKEN_BEDROCK=x",
                                    "KABUTO_PASSPHRASE_FILE=x",
                                    "KABUTO_PASSPHRASE=x",
                                    "KABUTO_PROFILE=x",
                                    "KABUTO_REGION=x"};
  const auto list = child(parent, long_term(), {"", ""});
  EXPECT_EQ(list, (std::vector<std::string>{"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret"}));
}

TEST(ChildEnvironment, where_calls_go_and_which_files_are_read_passes_through) {
  const base::Environment parent = {"PATH=/bin",
                                    "AWS_REGION=eu-west-1",
                                    "AWS_DEFAULT_REGION=eu-west-2",
                                    "AWS_ENDPOINT_URL=http://localhost:1",
                                    "AWS_ENDPOINT_URL_STS=http://localhost:2",
                                    "AWS_CA_BUNDLE=/ca",
                                    "HTTPS_PROXY=http://p",
                                    "NO_PROXY=a",
                                    "AWS_CONFIG_FILE=/c",
                                    "AWS_SHARED_CREDENTIALS_FILE=/s",
                                    "KABUTO_HOME=/k",
                                    "EMPTY="};
  const auto list = child(parent, long_term(), {"", ""});
  for (const auto entry : parent.entries()) EXPECT_TRUE(holds(list, entry)) << entry;
}

TEST(ChildEnvironment, a_name_that_stands_several_times_is_passed_on_once_and_the_first_one_counts) {
  const auto list =
      child({"A=1", "AWS_PROFILE=a", "A=2", "AWS_PROFILE=b", "AWS_PROFILE=c", "A=3"}, long_term(), {"p", ""});
  EXPECT_EQ(count(list, "A"), 1);
  EXPECT_TRUE(holds(list, "A=1"));
  EXPECT_EQ(count(list, "AWS_PROFILE"), 0);
}

TEST(ChildEnvironment, a_temporary_session_brings_its_token_both_expiry_names_and_both_region_names) {
  const auto list = child({"AWS_REGION=old", "AWS_DEFAULT_REGION=old"}, temporary(), {"dev", "eu-west-1"});
  EXPECT_EQ(list, (std::vector<std::string>{
                      "AWS_ACCESS_KEY_ID=ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=se/cret+==", "AWS_SESSION_TOKEN=to'ken",
                      "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z", "AWS_SESSION_EXPIRATION=2030-01-01T00:00:00Z",
                      "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "KABUTO_REGION=eu-west-1",
                      "KABUTO_PROFILE=dev"}));
}

TEST(ChildEnvironment, entries_that_are_no_variables_are_dropped) {
  const auto list = child({"=strange", "novalue", "A=b"}, long_term(), {"", ""});
  EXPECT_EQ(list.size(), 3u);
  EXPECT_TRUE(holds(list, "A=b"));
}

TEST(ChildEnvironment, a_value_with_a_line_end_or_a_nul_is_refused_and_not_shown) {
  for (const std::string& bad : {std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
    auto credentials = temporary();
    credentials.session_token = secret::Bytes::copy_of(bad);
    const auto block = child_environment({}, credentials, {"p", ""});
    ASSERT_FALSE(block.has_value());
    EXPECT_EQ(block.error().kind, base::ErrorKind::refused);
    EXPECT_EQ(block.error().what.find(bad), std::string::npos);
    EXPECT_FALSE(child_environment({}, temporary(), {bad, ""}).has_value());
    EXPECT_FALSE(child_environment({}, temporary(), {"p", bad}).has_value());
  }
}

TEST(ChildEnvironment, credentials_without_a_secret_key_are_refused) {
  EXPECT_FALSE(child_environment({}, {"AKIAEXAMPLE", {}, {}, std::nullopt, ""}, {"p", ""}).has_value());
}

TEST(ChildEnvironment, an_endpoint_is_offered_in_place_of_credentials) {
  const auto token = secret::Bytes::copy_of("TOKEN");
  const base::Environment parent = {"AWS_ACCESS_KEY_ID=x",
                                    "AWS_SESSION_TOKEN=x",
                                    "AWS_PROFILE=x",
                                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=x",
                                    "AWS_EC2_METADATA_SERVICE_ENDPOINT=x",
                                    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=x",
                                    "AWS_EC2_METADATA_DISABLED=true",
                                    "AWS_CONFIG_FILE=/c"};
  const auto block = child_environment(
      parent, EndpointOffer{EndpointKind::container, "http://127.0.0.1:4711/dev", &token, false}, {"dev", "eu-west-1"});
  ASSERT_TRUE(block);
  EXPECT_EQ(entries(*block), (std::vector<std::string>{
                                 "AWS_CONFIG_FILE=/c", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:4711/dev",
                                 "AWS_CONTAINER_AUTHORIZATION_TOKEN=TOKEN", "AWS_REGION=eu-west-1",
                                 "AWS_DEFAULT_REGION=eu-west-1", "KABUTO_REGION=eu-west-1", "KABUTO_PROFILE=dev"}));
}

TEST(ChildEnvironment, a_metadata_service_needs_no_token_and_hides_the_files_where_they_would_come_first) {
  const base::Environment parent = {"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/c",
                                    "AWS_SHARED_CREDENTIALS_FILE=/s"};
  const auto block = child_environment(
      parent, EndpointOffer{EndpointKind::metadata, "http://127.0.0.1:4711/", nullptr, true}, {"dev", ""});
  ASSERT_TRUE(block);
  EXPECT_EQ(entries(*block), (std::vector<std::string>{"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:4711/",
                                                       "AWS_CONFIG_FILE=/dev/null",
                                                       "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "KABUTO_PROFILE=dev"}));
}

TEST(ChildEnvironment, an_endpoint_for_a_name_with_a_line_end_is_refused) {
  const EndpointOffer offer{EndpointKind::metadata, "http://127.0.0.1:4711/", nullptr, false};
  for (const Recipient& bad : {Recipient{"a\nb", ""}, Recipient{"dev", "a\rb"}}) {
    const auto block = child_environment({}, offer, bad);
    ASSERT_FALSE(block);
    EXPECT_EQ(block.error().kind, base::ErrorKind::refused);
  }
}

TEST(OuterRole, inside_exec_a_named_profile_does_not_see_the_outer_keys_and_region) {
  const base::Environment parent = {"KABUTO_PROFILE=outer", "KABUTO_REGION=eu-west-1",     "AWS_ACCESS_KEY_ID=x",
                                    "AWS_SESSION_TOKEN=x",  "AWS_SECRET_ACCESS_KEY=x",     "AWS_REGION=eu-west-1",
                                    "AWS_CONFIG_FILE=/c",   "AWS_DEFAULT_REGION=us-east-1"};
  const auto inner = without_outer_role(parent);
  EXPECT_FALSE(inner.get("AWS_ACCESS_KEY_ID"));
  EXPECT_FALSE(inner.get("AWS_SECRET_ACCESS_KEY"));
  EXPECT_FALSE(inner.get("AWS_SESSION_TOKEN"));
  EXPECT_FALSE(inner.get("AWS_REGION"));
  EXPECT_EQ(inner.get("AWS_DEFAULT_REGION"), "us-east-1");  // set by somebody else since
  EXPECT_EQ(inner.get("AWS_CONFIG_FILE"), "/c");
}

TEST(OuterRole, outside_exec_the_environment_is_the_users_own) {
  const base::Environment parent = {"AWS_ACCESS_KEY_ID=x", "AWS_REGION=eu-west-1"};
  EXPECT_EQ(without_outer_role(parent).entries(), parent.entries());
}

}  // namespace
}  // namespace deliver
