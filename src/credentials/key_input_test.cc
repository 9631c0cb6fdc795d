#include "credentials/key_input.h"

#include <gtest/gtest.h>

namespace credentials {
namespace {

constexpr std::string_view kId = "AKIAIOSFODNN7EXAMPLE";
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

base::Result<aws::Credentials> parsed(std::string_view json) { return key_of_json(secret::Bytes::copy_of(json)); }

void expect_key(const base::Result<aws::Credentials>& key) {
  ASSERT_TRUE(key) << key.error().what;
  EXPECT_EQ(key->access_key_id, kId);
  EXPECT_TRUE(key->secret_access_key.equals(secret::Bytes::copy_of(kSecret)));
}

TEST(KeyInput, takes_a_plain_pair_and_what_create_access_key_prints) {
  expect_key(
      parsed(R"({"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})"));
  expect_key(parsed(R"({
    "AccessKey": {
        "UserName": "alice",
        "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "Status": "Active",
        "SecretAccessKey": "wJalrXUtnFEMI\/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "CreateDate": "2030-01-02T03:04:05+00:00"
    }
})"));
}

TEST(KeyInput, white_space_around_a_pasted_key_is_dropped) {
  expect_key(key_of_parts(" AKIAIOSFODNN7EXAMPLE\r\n",
                          secret::Bytes::copy_of("\twJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")));
}

TEST(KeyInput, session_keys_are_refused_with_a_hint) {
  for (
      const auto* json :
      {R"({"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})",
       R"({"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","SessionToken":"x"})"}) {
    const auto key = parsed(json);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, base::ErrorKind::refused);
    EXPECT_NE(key.error().hint.find("AKIA"), std::string::npos);
  }
}

TEST(KeyInput, wrong_shapes_are_refused_and_not_repeated) {
  for (const auto* json :
       {"", "{}", "[]", "null", R"({"AccessKeyId":"AKIAIOSFODNN7EXAMPLE"})",
        R"({"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s3cr3t"})",
        R"({"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"AKIAIOSFODNN7EXAMPLE"})",
        R"({"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s3cr3t s3cr3t s3cr3t s3cr3t s3cr3t s3cr3t"})",
        R"({"AccessKeyId":"AIDAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})",
        R"({"AccessKeyId":"s3cr3t","SecretAccessKey":"AKIAIOSFODNN7EXAMPLE"})",
        R"({"AccessKeyId":"AKIA\nOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})",
        R"({"AccessKeyId":1,"SecretAccessKey":"s3cr3t"})", R"({"AccessKeyId":"s3cr3t)"}) {
    const auto key = parsed(json);
    ASSERT_FALSE(key) << json;
    EXPECT_EQ((key.error().what + key.error().hint).find("s3cr3t"), std::string::npos) << json;
  }
}

TEST(KeyInput, the_environment_gives_a_pair_or_says_what_is_missing) {
  const base::Environment both{"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
                               "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
  expect_key(key_of_environment(both));
  const auto half = key_of_environment({"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"});
  ASSERT_FALSE(half);
  EXPECT_NE(half.error().what.find("AWS_SECRET_ACCESS_KEY"), std::string::npos);
  EXPECT_FALSE(
      key_of_environment({"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
                          "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SESSION_TOKEN=x"}));
}

}  // namespace
}  // namespace credentials
