#include "peers/keyring_item.h"

#include "base/base64.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace peers {
namespace {

constexpr std::string_view kData =
    R"({"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",)"
    R"("SessionToken":"","Source":"","CanExpire":false,"Expires":"0001-01-01T00:00:00Z"})";

secret::Bytes bytes(std::string_view text) { return secret::Bytes::copy_of(text); }

std::string item_of(std::string_view data) {
  return R"j({"Key":"work","Data":")j" + base::base64(std::as_bytes(std::span(data))) +
         R"j(","Label":"aws-vault (work)","Description":"","KeychainNotTrustApplication":true})j";
}

TEST(KeyringItem, the_key_of_an_item_is_read) {
  auto item = parse_item(bytes(item_of(kData)));
  ASSERT_TRUE(item) << item.error().what;
  EXPECT_EQ(item->key, "work");
  const auto key = parse_stored_key(std::move(item->data));
  ASSERT_TRUE(key) << key.error().what;
  EXPECT_EQ(key->access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(key->secret_access_key.size(), 40U);
}

TEST(KeyringItem, another_form_is_named_and_not_guessed_at) {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"Key":"work"})", R"({"Key":"work","Data":1})", R"({"Key":"work","Data":"?"})",
        R"({"Key":"","Data":""})", R"({"Key":"a","Key":"b","Data":""})", R"({"Key":"work","Data":""} x)",
        R"({"Version":2,"Items":{}})"}) {
    const auto item = parse_item(bytes(text));
    ASSERT_FALSE(item) << text;
    EXPECT_EQ(item.error().kind, base::ErrorKind::store_damaged);
  }
}

TEST(KeyringItem, a_session_is_refused_and_a_wrong_shape_not_quoted) {
  EXPECT_EQ(
      parse_stored_key(
          bytes(R"({"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"0123456789012345678901234567890123456789",)"
                R"("SessionToken":"x"})"))
          .error()
          .kind,
      base::ErrorKind::refused);
  const auto wrong = parse_stored_key(bytes(R"({"AccessKeyID":"hunter2hunter2hunter2","SecretAccessKey":"x"})"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().what.find("hunter2"), std::string::npos);
  EXPECT_FALSE(parse_stored_key(bytes("{}")));
}

TEST(KeyringItem, static_keys_are_taken_from_the_record_and_nothing_else) {
  const auto keys = parse_static_keys(bytes(
      R"({"CreateTokenResponse":{"token-response:x":{"accessToken":"secret"}},"RoleCredentials":{},"StaticCredentials":)"
      R"({"arn:aws:iam::111111111111:user/alice":{"Profile":"people","userName":"alice","accountId":111111111111,)"
      R"("accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","Tags":null}}})"));
  ASSERT_TRUE(keys) << keys.error().what;
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ((*keys)[0].profile, "people");
  EXPECT_EQ((*keys)[0].arn, "arn:aws:iam::111111111111:user/alice");
  EXPECT_EQ((*keys)[0].key.access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_TRUE(parse_static_keys(bytes(R"({"StaticCredentials":null})"))->empty());
  EXPECT_FALSE(parse_static_keys(bytes(R"({"StaticCredentials":{"x":{"accessKeyId":"AKIA"}}})")));
  EXPECT_FALSE(parse_static_keys(bytes("[]")));
}

TEST(KeyringItem, sessions_and_tokens_are_known_by_their_names) {
  EXPECT_EQ(kind_of_item("work"), ItemKind::long_term);
  EXPECT_EQ(kind_of_item("my,profile"), ItemKind::long_term);
  EXPECT_EQ(kind_of_item("sts.GetSessionToken,d29yaw,YXJu,1893456000"), ItemKind::session);
  EXPECT_EQ(kind_of_item("sso.GetRoleCredentials,d29yaw,,1893456000"), ItemKind::session);
  EXPECT_EQ(kind_of_item("session,work,,1893456000"), ItemKind::session);
  EXPECT_EQ(kind_of_item("session:work:arn:1893456000"), ItemKind::session);
  EXPECT_EQ(kind_of_item("work session (61633665)"), ItemKind::session);
  EXPECT_EQ(kind_of_item("oidc:https://d-x.awsapps.com/start"), ItemKind::token);
}

}  // namespace
}  // namespace peers
