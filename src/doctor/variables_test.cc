// Variables that win over profiles, lead elsewhere, or tell a password; and that none of it is shown.
#include "doctor/variables.h"

#include <gtest/gtest.h>

#include <string>

namespace doctor {
namespace {

constexpr base::Instant kNow = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

VariableFacts facts(const base::Environment& environment) {
  return {environment, kNow, [](std::string_view name) { return name == "dev"; },
          [](std::string_view path) { return path == "/there"; },
          [](std::string_view url) { return url.starts_with("http://127.0.0.1"); }};
}

/// "severity where: what -> mend", a line each.
std::string lines(const Findings& findings) {
  std::string out;
  for (const auto& one : findings)
    out += std::string(name_of(one.severity)) + " " + one.where + ": " + one.what + " -> " + one.mend + "\n";
  return out;
}

std::string credentials(const base::Environment& environment) {
  return lines(check_credential_variables(facts(environment)));
}
std::string endpoints(const base::Environment& environment) {
  return lines(check_endpoint_variables(facts(environment)));
}
std::string proxies(const base::Environment& environment) { return lines(check_proxies(environment)); }

TEST(Variables, none_of_ours_is_nothing_to_say) {
  const base::Environment none = {"HOME=/h", "PATH=/bin", "AWS_PROFILE=dev", "AWS_REGION=eu-west-1"};
  EXPECT_EQ(credentials(none), "");
  EXPECT_EQ(endpoints(none), "");
  EXPECT_EQ(proxies(none), "");
}

TEST(Variables, half_a_key_is_a_problem) {
  EXPECT_EQ(
      credentials({"AWS_ACCESS_KEY_ID=AKIA"}),
      "problem AWS_ACCESS_KEY_ID: half a key: the other variable of the pair is not set -> unset AWS_ACCESS_KEY_ID\n");
  EXPECT_TRUE(credentials({"AWS_SECRET_ACCESS_KEY=canary"}).starts_with("problem AWS_SECRET_ACCESS_KEY: half"));
}

TEST(Variables, keys_win_over_profiles_unless_we_have_put_them_there) {
  EXPECT_TRUE(
      credentials({"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=canary"}).starts_with("warning AWS_ACCESS_KEY_ID"));
  EXPECT_EQ(credentials({"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "KABUTO_PROFILE=dev"}), "");
  EXPECT_NE(credentials({"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_PROFILE=dev"})
                .find("warning AWS_PROFILE: a profile and keys"),
            std::string::npos);
}

TEST(Variables, credentials_that_have_ended_are_a_problem_with_the_way_to_new_ones) {
  EXPECT_NE(credentials({"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "KABUTO_PROFILE=dev",
                         "AWS_CREDENTIAL_EXPIRATION=2029-12-31T23:00:00Z"})
                .find("-> kabuto use dev\n"),
            std::string::npos);
}

TEST(Variables, a_name_of_a_profile_or_file_that_is_not_there_is_a_problem) {
  EXPECT_TRUE(
      credentials({"AWS_PROFILE=gone"}).starts_with("problem AWS_PROFILE: names a profile that does not exist: gone"));
  EXPECT_TRUE(credentials({"AWS_CONFIG_FILE=/gone"}).starts_with("problem AWS_CONFIG_FILE: names a file"));
  EXPECT_EQ(credentials({"AWS_CONFIG_FILE=/there"}), "");
  EXPECT_TRUE(endpoints({"AWS_CA_BUNDLE=/gone"}).starts_with("problem AWS_CA_BUNDLE: "));
}

TEST(Variables, what_selects_other_credentials_is_named) {
  EXPECT_TRUE(credentials({"AWS_WEB_IDENTITY_TOKEN_FILE=/t"}).starts_with("warning AWS_WEB_IDENTITY_TOKEN_FILE"));
}

TEST(Variables, endpoints_of_others_are_shown_without_what_may_be_secret) {
  EXPECT_EQ(endpoints({"AWS_ENDPOINT_URL_S3=https://user:canary@example.com:9000/x?token=canary#canary"}),
            "warning AWS_ENDPOINT_URL_S3: calls go to https://example.com:9000/x in AWS's place -> unset "
            "AWS_ENDPOINT_URL_S3\n");
  EXPECT_EQ(endpoints({"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL_STS="}), "");
  const auto settings =
      check_endpoint_settings({{"https://example.com", "/c line 3", false}, {"http://127.0.0.1", "/c", true}});
  ASSERT_EQ(settings.size(), 1u);
  EXPECT_EQ(settings[0].where, "/c line 3");
}

TEST(Variables, a_proxys_password_is_named_and_never_shown) {
  const std::string said = proxies(
      {"HTTPS_PROXY=http://user:canary@proxy:3128", "NO_PROXY=localhost,127.0.0.1,169.254.169.254,169.254.170.2"});
  EXPECT_EQ(said,
            "warning HTTPS_PROXY: a user name or password in it is seen by every program that is started -> export "
            "HTTPS_PROXY=http://proxy:3128\n");
}

TEST(Variables, what_must_not_go_through_a_proxy_is_said) {
  EXPECT_EQ(proxies({"https_proxy=http://proxy:3128", "no_proxy=localhost, corp"}),
            "warning https_proxy: tools ask the proxy for hosts that only this machine can reach: "
            "127.0.0.1,169.254.169.254,169.254.170.2 -> export no_proxy='localhost, "
            "corp,127.0.0.1,169.254.169.254,169.254.170.2'\n");
  EXPECT_EQ(proxies({"https_proxy=http://proxy:3128", "NO_PROXY=*"}), "");
}

}  // namespace
}  // namespace doctor
