#include "aws/federation.h"

#include "aws/service_for_test.h"

namespace aws {
namespace {

using base::ErrorKind;
using std::chrono::seconds;

SettingSources plain(const base::Environment& environment) { return {environment, nullptr, nullptr, {}, {}}; }

TEST(Federation, console_pages_by_partition_and_region) {
  EXPECT_EQ(console_url("us-east-1", "", "").value(), "https://console.aws.amazon.com/console/home?region=us-east-1");
  EXPECT_EQ(console_url("eu-central-1", "s3", "").value(),
            "https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1");
  EXPECT_EQ(console_url("cn-north-1", "ec2", "").value(), "https://console.amazonaws.cn/ec2/home?region=cn-north-1");
  EXPECT_EQ(console_url("us-gov-east-1", "", "/cloudwatch/home?x=1#logs").value(),
            "https://us-gov-east-1.console.amazonaws-us-gov.com/cloudwatch/home?x=1#logs");
  EXPECT_EQ(console_url("eu-west-1", "DynamoDB", "").value(),
            "https://eu-west-1.console.aws.amazon.com/dynamodbv2/home?region=eu-west-1");
}

TEST(Federation, hostile_services_paths_and_regions_are_refused) {
  for (const auto* const service :
       {"s3/../x", "@evil.test", "s3?x", "s3#", ".", "-x", "s3 x", "%2e", "s\xc3\xa4", "//x"})
    EXPECT_EQ(console_url("eu-west-1", service, "").error().kind, ErrorKind::refused) << service;
  for (const auto* const path :
       {"s3", "//evil.test/", "/a b", "/\\evil.test", "/\"", "/a\nb", "/<x>", "/\x7f", "@evil.test/"})
    EXPECT_EQ(console_url("eu-west-1", "", path).error().kind, ErrorKind::refused) << path;
  for (const auto* const region : {"evil.test/", "a.b", "", "-x"})
    EXPECT_EQ(console_url(region, "", "").error().kind, ErrorKind::refused) << region;
  EXPECT_EQ(console_url("us-iso-east-1", "", "").error().kind, ErrorKind::refused);
}

TEST(Federation, sign_in_hosts_by_partition_region_and_setting) {
  const base::Environment none;
  EXPECT_EQ(federation_endpoint(plain(none), "us-east-1")->url, "https://signin.aws.amazon.com");
  EXPECT_EQ(federation_endpoint(plain(none), "eu-west-1")->url, "https://eu-west-1.signin.aws.amazon.com");
  EXPECT_EQ(federation_endpoint(plain(none), "cn-north-1")->url, "https://signin.amazonaws.cn");
  EXPECT_EQ(federation_endpoint(plain(none), "us-gov-west-1")->url, "https://signin.amazonaws-us-gov.com");
  EXPECT_EQ(federation_endpoint(plain(none), "eusc-de-east-1")->url, "https://signin.amazonaws-eusc.eu");
  const base::Environment here{"AWS_ENDPOINT_URL_SIGNIN=http://127.0.0.1:4"};
  EXPECT_EQ(federation_endpoint(plain(here), "eu-west-1")->url, "http://127.0.0.1:4");
  const base::Environment there{"AWS_ENDPOINT_URL_SIGNIN=http://evil.test"};
  EXPECT_FALSE(federation_endpoint(plain(there), "eu-west-1"));
}

struct FederationBench : Bench {
  base::Result<secret::Bytes> token(std::optional<seconds> duration = {}) {
    return signin_token(client, endpoint, credentials, duration);
  }
};

TEST(Federation, the_session_is_posted_and_the_token_taken) {
  FederationBench bench;
  bench.http.then(200, R"({"SigninToken":"to-ken_1"})");
  const auto token = bench.token(seconds(3600));
  ASSERT_TRUE(token.has_value()) << token.error().what;
  EXPECT_EQ(text_of(*token), "to-ken_1");
  EXPECT_EQ(bench.http.sent.at(0).url, "https://sts.eu-west-1.amazonaws.com/federation");
  EXPECT_EQ(bench.http.sent.at(0).body,
            "Action=getSigninToken&SessionDuration=3600&Session=%7B%22sessionId%22%3A%22AKIDEXAMPLE%22%2C%22sessionKey"
            "%22%3A%22secret%22%2C%22sessionToken%22%3A%22TOKEN-CANARY%22%7D");
  EXPECT_EQ(bench.http.sent.at(0).authorization, "");
}

TEST(Federation, a_length_is_sent_only_where_one_is_asked_for_and_within_limits) {
  FederationBench bench;
  bench.http.then(200, R"({"SigninToken":"t"})");
  ASSERT_TRUE(bench.token());
  EXPECT_EQ(bench.http.sent.at(0).body.find("SessionDuration"), std::string::npos);
  for (const int wrong : {0, 899, 43'201}) EXPECT_EQ(bench.token(seconds(wrong)).error().kind, ErrorKind::refused);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Federation, long_term_keys_are_not_sent) {
  FederationBench bench;
  bench.credentials.session_token = secret::Bytes();
  EXPECT_FALSE(bench.token());
  EXPECT_TRUE(bench.http.sent.empty());
}

TEST(Federation, a_refusal_says_what_it_may_mean_and_quotes_no_page) {
  for (const auto* const body : {"", "<html><body>Bad \x1b[31m request TOKEN-CANARY</body></html>"}) {
    FederationBench bench;
    bench.http.then(400, body);
    const auto plain = bench.token();
    EXPECT_EQ(plain.error().kind, ErrorKind::denied);
    EXPECT_EQ((plain.error().what + plain.error().hint).find("CANARY"), std::string::npos);
    EXPECT_NE(bench.token(seconds(3600)).error().what.find("longer than AWS gives it"), std::string::npos);
    EXPECT_EQ(bench.http.sent.size(), 2U) << "400 is not repeated";
  }
}

TEST(Federation, replies_without_a_token_are_refused) {
  for (const auto* const body :
       {"", "{}", "[]", "null", R"({"SigninToken":1})", R"({"SigninToken":""})",
        R"({"SigninToken":"a","SigninToken":"b"})", R"({"SigninToken":"a b"})", R"({"SigninToken":"a"} x)", "<html>"}) {
    FederationBench bench;
    bench.http.then(200, body);
    EXPECT_FALSE(bench.token()) << body;
  }
}

TEST(Federation, the_link_signs_in_and_leads_on) {
  const Bench bench;
  const auto link = login_url(bench.endpoint, secret::Bytes::copy_of("a/b+c="),
                              "https://console.aws.amazon.com/s3/home?region=us-east-1#x");
  EXPECT_EQ(text_of(link),
            "https://sts.eu-west-1.amazonaws.com/federation?Action=login&Issuer=kabuto&Destination=https%3A%2F%2F"
            "console.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Dus-east-1%23x&SigninToken=a%2Fb%2Bc%3D");
}

TEST(Federation, a_portals_shortcut_names_account_role_and_page) {
  for (const auto* const start : {"https://d-1.awsapps.com/start", "https://d-1.awsapps.com/start/",
                                  "https://d-1.awsapps.com/start#", "https://d-1.awsapps.com/start/#/"})
    EXPECT_EQ(portal_shortcut(start, "111111111111", "Read+Only", "https://console.aws.amazon.com/s3/home"),
              "https://d-1.awsapps.com/start/#/console?account_id=111111111111&role_name=Read%2BOnly"
              "&destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome");
}

}  // namespace
}  // namespace aws
