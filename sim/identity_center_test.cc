#include "identity_center.h"

#include "crypto.h"
#include "example_seed.h"
#include "loopback_http.h"
#include "seed.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim {
namespace {

const base::Instant kNow{std::chrono::hours(24 * 365 * 55)};

base::Result<State> seed_with(const std::string& center) {
  return parse_seed(
      R"({"region":"us-east-1","accounts":{"111111111111":{"name":"one"},"222222222222":{}},"identity_center":)" +
          center + "}",
      kNow);
}

TEST(IdentityCenter, of_the_example_has_two_people_and_named_accounts) {
  const base::Result<State> state = parse_seed(example_seed(), kNow);
  ASSERT_TRUE(state) << (state ? "" : state.error().what);
  ASSERT_EQ(state->identity_centers.size(), 1U);
  const IdentityCenter& center = *state->identity_centers[0];
  EXPECT_EQ(center.name(), "d-kabutosim");
  EXPECT_TRUE(center.users.at("alice")->totp);
  EXPECT_FALSE(center.users.at("bob")->totp);
  EXPECT_EQ(find_center_user(*state, "alice").user, center.users.at("alice").get());
  EXPECT_EQ(find_center_user(*state, "d-kabutosim/alice").user, center.users.at("alice").get());
  EXPECT_EQ(find_center_user(*state, "eve").user, nullptr);
  EXPECT_EQ(state->accounts.at("222222222222").name, "workloads");
  EXPECT_TRUE(std::ranges::all_of(center.assignments, [&](const Assignment& assignment) {
    return state->find_role(assignment.role->arn) == assignment.role;
  }));
}

TEST(IdentityCenter, makes_the_passwords_and_totp_secrets_that_its_seed_leaves_out) {
  const base::Result<State> state =
      seed_with(R"({"start_url":"https://x.awsapps.com/start/","users":{"a":{"totp":true},"b":{"password":"given"}}})");
  ASSERT_TRUE(state);
  const IdentityCenter& center = *state->identity_centers[0];
  EXPECT_EQ(center.start_url, "https://x.awsapps.com/start");
  EXPECT_EQ(center.users.at("a")->password.size(), 20U);
  EXPECT_EQ(center.users.at("a")->totp->secret.size(), 20U);
  EXPECT_EQ(center.users.at("b")->password, "given");
}

TEST(IdentityCenter, makes_a_role_for_each_permission_set_in_each_account) {
  const base::Result<State> state = seed_with(
      R"({"start_url":"https://x.awsapps.com/start","users":{"a":{}},"permission_sets":{"P":{},"Q":{"session_seconds":7200}},
          "assignments":[{"user":"a","account":"*","permission_set":["P","Q"]},
                         {"user":"a","account":"111111111111","permission_set":"P"}]})");
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ(state->roles.size(), 4U);
  for (const auto& [arn, role] : state->roles) {
    EXPECT_TRUE(
        arn.starts_with("arn:aws:iam::" + role->account + ":role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_"))
        << arn << ": no region in the path in us-east-1";
    EXPECT_EQ(arn.size() - arn.rfind('_') - 1, 16U);
  }
}

TEST(IdentityCenter, says_what_is_wrong_with_its_seed) {
  const auto error_of = [](const std::string& center) {
    const base::Result<State> state = seed_with(center);
    EXPECT_FALSE(state) << center;
    return state ? "" : state.error().what;
  };
  const std::string url = R"("start_url":"https://x.awsapps.com/start")";
  EXPECT_EQ(error_of("{}"), "identity_center needs an https start_url");
  EXPECT_EQ(error_of("[{" + url + "},{" + url + "}]"),
            "two instances of Identity Center have the start_url https://x.awsapps.com/start");
  EXPECT_EQ(error_of("{" + url + R"(,"colour":1})"), "unknown key \"colour\" in identity_center");
  EXPECT_EQ(error_of("{" + url + R"(,"users":{"a":{"totp":"1"}}})"),
            "totp of Identity Center user a must be a base32 secret, or true");
  EXPECT_EQ(error_of("{" + url + R"(,"permission_sets":{"P":{"session_seconds":60}}})"),
            "session_seconds of permission set P must be 3600 to 43200");
  EXPECT_EQ(error_of("{" + url + R"(,"assignments":[{"user":"a"}]})"),
            "an assignment needs user, account and permission_set");
  EXPECT_EQ(error_of("{" + url + R"(,"assignments":[{"user":"a","account":"111111111111","permission_set":"P"}]})"),
            "the assignment of a to P in 111111111111 names something that does not exist");
}

TEST(RateLimit, gives_a_burst_and_then_its_rate) {
  RateLimit limit(10, 3);
  const auto allowed = [&](std::int64_t at_ms) { return limit.allows(kNow + base::Duration(at_ms)); };
  EXPECT_TRUE(allowed(0) && allowed(0) && allowed(0));
  EXPECT_FALSE(allowed(0));
  EXPECT_FALSE(allowed(90));
  EXPECT_TRUE(allowed(101));
  EXPECT_FALSE(allowed(102));
  EXPECT_FALSE(allowed(50)) << "a clock that goes back gives nothing";
  EXPECT_TRUE(RateLimit().allows(kNow)) << "no rate, no limit";
}

TEST(StartUrl, has_no_slash_and_no_fragment_at_its_end) {
  for (const std::string_view url :
       {"https://x.awsapps.com/start", "https://x.awsapps.com/start/", "https://x.awsapps.com/start/#/"})
    EXPECT_EQ(plain_start_url(url), "https://x.awsapps.com/start");
}

TEST(Base64, is_that_of_the_rfc) {
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64url_encode("\xfb\xff\xfe\xff"), "-__-_w");
  // RFC 7636, appendix B.
  EXPECT_EQ(base64url_encode(sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(LoopbackUrl, is_of_this_machine_and_has_a_port) {
  const base::Result<LoopbackUrl> url = parse_loopback_url("http://[::1]:80/a?b=c#d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->address.host, "[::1]");
  EXPECT_EQ(url->target, "/a?b=c");
  EXPECT_EQ(parse_loopback_url("http://127.0.0.1:8080?x")->target, "/?x");
  for (const std::string_view wrong : {"", "http://127.0.0.1/", "https://127.0.0.1:1/", "http://example.com:80/",
                                       "http://127.0.0.1:0/", "http://127.0.0.1:1@example.com:80/"})
    EXPECT_FALSE(parse_loopback_url(wrong)) << wrong;
}

}  // namespace
}  // namespace sim
