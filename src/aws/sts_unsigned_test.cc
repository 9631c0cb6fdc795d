#include "aws/service_for_test.h"
#include "aws/sts.h"

namespace aws {
namespace {

using base::ErrorKind;

constexpr char kToken[] = "eyJhbGciOiJSUzI1NiJ9.TOKEN-CANARY-0123456789.c2ln";

std::string reply_of(const std::string& action) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result><Credentials><AccessKeyId>ASIARTESTID000000003</AccessKeyId><SecretAccessKey>role-secret"
         "</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration>"
         "</Credentials><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/ci/app</Arn>"
         "<AssumedRoleId>AROAX:app</AssumedRoleId></AssumedRoleUser></" +
         action + "Result></" + action + "Response>";
}

WebIdentityRequest web_identity() {
  WebIdentityRequest request;
  request.role_arn = "arn:aws:iam::111122223333:role/ci";
  request.role_session_name = "app";
  request.token = secret::Bytes::copy_of(kToken);
  request.duration = std::chrono::seconds(900);
  request.policy_arns = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
  return request;
}

SamlRequest saml() {
  SamlRequest request;
  request.role_arn = "arn:aws:iam::111122223333:role/ci";
  request.principal_arn = "arn:aws:iam::111122223333:saml-provider/idp";
  request.assertion = secret::Bytes::copy_of("PHNhbWw+Cg==");
  return request;
}

TEST(StsUnsigned, a_role_by_web_identity_is_asked_for_without_a_signature) {
  Bench bench;
  bench.http.then(200, reply_of("AssumeRoleWithWebIdentity"));
  const auto session = Sts(bench.client, bench.endpoint).assume_role_with_web_identity(web_identity());
  ASSERT_TRUE(session) << session.error().what;
  EXPECT_EQ(session->credentials.access_key_id, "ASIARTESTID000000003");
  EXPECT_EQ(session->credentials.account_id, "111122223333");
  const auto& sent = bench.http.sent.at(0);
  EXPECT_EQ(sent.url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.authorization + sent.date, "");
  EXPECT_EQ(sent.content_type, "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(sent.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fci"
            "&RoleSessionName=app&WebIdentityToken=" +
                std::string(kToken) +
                "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess&DurationSeconds=900");
}

TEST(StsUnsigned, a_role_by_saml_is_asked_for_without_a_signature) {
  Bench bench;
  bench.http.then(200, reply_of("AssumeRoleWithSAML"));
  const auto session = Sts(bench.client, bench.endpoint).assume_role_with_saml(saml());
  ASSERT_TRUE(session) << session.error().what;
  const auto& sent = bench.http.sent.at(0);
  EXPECT_EQ(sent.authorization, "");
  EXPECT_NE(sent.body.find("&PrincipalArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Asaml-provider%2Fidp"
                           "&SAMLAssertion=PHNhbWw%2BCg%3D%3D"),
            std::string::npos)
      << sent.body;
  EXPECT_EQ(sent.body.find("RoleSessionName"), std::string::npos);
}

TEST(StsUnsigned, an_identity_provider_that_does_not_answer_aws_is_asked_again) {
  Bench bench;
  bench.http.then(400, error_body("IDPCommunicationError", "the provider did not answer"));
  bench.http.then(200, reply_of("AssumeRoleWithWebIdentity"));
  EXPECT_TRUE(Sts(bench.client, bench.endpoint).assume_role_with_web_identity(web_identity()));
  EXPECT_EQ(bench.http.sent.size(), 2U);
}

TEST(StsUnsigned, a_refusal_is_told_without_the_token) {
  const auto refused = [](std::string_view code, std::string_view message) {
    Bench bench;
    bench.http.then(400, error_body(code, message));
    auto session = Sts(bench.client, bench.endpoint).assume_role_with_web_identity(web_identity());
    EXPECT_FALSE(session);
    EXPECT_EQ(bench.http.sent.size(), 1U) << code;
    return session ? base::Error() : session.error();
  };
  EXPECT_EQ(refused("ExpiredTokenException", "Token expired").kind, ErrorKind::expired);
  EXPECT_EQ(refused("InvalidIdentityToken", "no provider").kind, ErrorKind::denied);
  EXPECT_EQ(refused("IDPRejectedClaim", std::string("bad token ") + kToken).what.find("CANARY"), std::string::npos);
}

TEST(StsUnsigned, what_aws_would_not_take_is_not_sent) {
  Bench bench;
  Sts sts(bench.client, bench.endpoint);
  auto name = web_identity();
  name.role_session_name = "a b";
  EXPECT_EQ(sts.assume_role_with_web_identity(name).error().kind, ErrorKind::refused);
  auto role = web_identity();
  role.role_arn = "role/somewhere-without-arn";
  EXPECT_EQ(sts.assume_role_with_web_identity(role).error().kind, ErrorKind::refused);
  auto provider = saml();
  provider.principal_arn = "my-identity-provider-at-home";
  EXPECT_EQ(sts.assume_role_with_saml(provider).error().kind, ErrorKind::refused);
  auto longer = saml();
  longer.duration = std::chrono::hours(13);
  EXPECT_EQ(sts.assume_role_with_saml(longer).error().kind, ErrorKind::refused);
  EXPECT_TRUE(bench.http.sent.empty());
}

TEST(StsUnsigned, a_token_loses_the_white_space_around_it_and_an_assertion_all_of_it) {
  const auto token = [](std::string_view text) { return bare_token(secret::Bytes::copy_of(text), "the token"); };
  EXPECT_EQ(text_of(*token(" \n a.b.c\r\n")), "a.b.c");
  for (const std::string bad : {"", "\n", "a b",
                                "a\x01"
                                "b",
                                "\xff"}) {
    ASSERT_FALSE(token(bad)) << bad;
    EXPECT_EQ(token(bad).error().kind, ErrorKind::refused);
  }
  EXPECT_FALSE(token(std::string(20'001, 'a')));
  const auto assertion = [](std::string_view text) { return bare_assertion(secret::Bytes::copy_of(text), "it"); };
  EXPECT_EQ(text_of(*assertion("UEhO\n YQ==\n")), "UEhOYQ==");
  EXPECT_NE(assertion("<saml/>").error().hint.find("base64 -w0"), std::string::npos);
  EXPECT_FALSE(assertion(std::string(100'001, 'a')));
}

}  // namespace
}  // namespace aws
