#include "credentials/broker_for_test.h"
#include "credentials/sign_in_for_test.h"

namespace credentials {
namespace {

using base::ErrorKind;
using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* kPortalConfig =
    "[sso-session corp]\nsso_start_url = https://d-corp.awsapps.com/start\nsso_region = eu-west-1\n"
    "[profile dev]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\n";

std::string role_reply(const std::string& key_id, base::Instant expires) {
  return R"({"roleCredentials":{"accessKeyId":")" + key_id +
         R"(","secretAccessKey":"secret","sessionToken":"token","expiration":)" +
         std::to_string(expires.time_since_epoch().count()) + "}}";
}

/// The same, with a sign-in that is held.
class PortalTest : public BrokerTest {
 protected:
  PortalTest() {
    write_config(kPortalConfig);
    bench_.hold(minutes(30));
    sign_ins_ = &real_sign_ins_;
  }
  SignInBench bench_;
  SignIns real_sign_ins_ = bench_.process();
};

TEST_F(PortalTest, a_role_is_asked_of_the_portal_once_and_then_cached) {
  bench_.http.then(200, role_reply("ASIAPORTALEXAMPLE000", clock_.now() + hours(1)));
  for (int round = 0; round < 2; ++round) {
    const auto answer = get("dev");
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->credentials.access_key_id, "ASIAPORTALEXAMPLE000");
    EXPECT_EQ(answer->credentials.account_id, "111111111111");
  }
  ASSERT_EQ(bench_.http.sent.size(), 1u);
  EXPECT_TRUE(
      bench_.http.sent[0].url.starts_with("https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?"));
}

TEST_F(PortalTest, a_token_that_the_portal_refuses_is_renewed_once) {
  bench_.http.then(401, R"({"message":"Session token not found or invalid"})");
  bench_.then_tokens("access-2", "refresh-2");
  bench_.http.then(200, role_reply("ASIAPORTALEXAMPLE000", clock_.now() + hours(1)));
  ASSERT_TRUE(get("dev"));
  EXPECT_EQ(bench_.http.sent.size(), 3u);
}

TEST_F(PortalTest, a_role_that_the_person_does_not_have_is_denied_and_named) {
  bench_.http.then(403, R"({"message":"No access"})");
  const auto answer = get("dev");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::denied);
  EXPECT_NE(answer.error().what.find("Admin of 111111111111"), std::string::npos);
  EXPECT_NE(answer.error().hint.find("kabuto accounts"), std::string::npos);
}

}  // namespace
}  // namespace credentials
