#include "credentials/stored_sign_ins.h"

#include "secret/doubles_for_test.h"

#include <gtest/gtest.h>

namespace credentials {
namespace {

using base::ErrorKind;
using secret::text_of;

class StoredSignInsTest : public testing::Test {
 protected:
  StoredSignIns sign_ins() {
    return StoredSignIns(
        own_.places(), [this]() -> base::Result<secret::Unlocker*> { return &unlocker_; },
        [this]() -> base::Result<void> {
          ++made_;
          const secret::SlotChoice choice{secret::SlotKind::key_file, own_.path() + "/key"};
          TRY(secret::Store::create(own_.places(), choice, unlocker_));
          return {};
        });
  }
  static SignInStatus status() {
    SignInStatus out;
    out.id = out.name = "corp";
    out.start_url = "https://d-corp.awsapps.com/start";
    out.region = "eu-west-1";
    out.obtained = out.renewed = *base::parse_iso8601("2030-01-01T00:00:00Z");
    out.expires = out.obtained + std::chrono::hours(1);
    out.registration_expires = out.obtained + std::chrono::hours(1000);
    out.clock_offset = base::Duration(1500);
    out.boot = out.obtained;
    out.shared = true;
    out.trusted_endpoints = "https://oidc.example.com";
    return out;
  }
  static SignInStore::Secrets secrets() {
    return {secret::Bytes::copy_of("ACCESS-CANARY"),
            secret::Bytes::copy_of("REFRESH-CANARY"),
            "client",
            secret::Bytes::copy_of("CLIENT-CANARY"),
            status().registration_expires,
            aws::SsoFlow::device_code,
            {"sso:account:access", "more"}};
  }

  const secret::OwnDirectory own_;
  base::FakeClock clock_;
  secret::FakeAsker asker_{{}};
  secret::FakeSecretService service_;
  secret::FakeTpm tpm_;
  secret::Unlocker unlocker_{clock_, asker_, service_, tpm_, secret::quick_limits()};
  int made_ = 0;
};

TEST_F(StoredSignInsTest, without_a_store_there_is_none_and_none_is_made_by_looking) {
  auto all = sign_ins();
  EXPECT_TRUE(all.list()->empty());
  EXPECT_FALSE(*all.open("corp"));
  EXPECT_TRUE(all.remove("corp"));
  EXPECT_EQ(made_, 0);
}

TEST_F(StoredSignInsTest, what_is_put_comes_back_and_the_clear_side_without_the_key) {
  auto first = sign_ins();
  ASSERT_TRUE(first.put(status(), secrets()));
  EXPECT_EQ(made_, 1);
  auto second = sign_ins();
  const auto listed = second.list();
  ASSERT_TRUE(listed && listed->size() == 1);
  const auto& found = listed->front();
  EXPECT_EQ(found.id, "corp");
  EXPECT_EQ(found.expires, status().expires);
  EXPECT_EQ(found.clock_offset, base::Duration(1500));
  EXPECT_TRUE(found.renewable);
  EXPECT_TRUE(found.shared);
  EXPECT_FALSE(found.ended);
  EXPECT_EQ(found.trusted_endpoints, "https://oidc.example.com");
  const auto opened = second.open("corp");
  ASSERT_TRUE(opened && *opened);
  EXPECT_EQ(text_of((*opened)->access_token), "ACCESS-CANARY");
  EXPECT_EQ(text_of((*opened)->refresh_token), "REFRESH-CANARY");
  EXPECT_EQ(text_of((*opened)->client_secret), "CLIENT-CANARY");
  EXPECT_EQ((*opened)->flow, aws::SsoFlow::device_code);
  EXPECT_EQ((*opened)->scopes, secrets().scopes);
}

TEST_F(StoredSignInsTest, two_sign_ins_on_one_portal_stay_apart) {
  auto all = sign_ins();
  auto other = status();
  other.id = other.name = "bob";
  ASSERT_TRUE(all.put(status(), secrets()));
  ASSERT_TRUE(all.put(other, secrets()));
  ASSERT_TRUE(all.remove("corp"));
  EXPECT_FALSE(*all.open("corp"));
  EXPECT_TRUE(*all.open("bob"));
}

}  // namespace
}  // namespace credentials
