#include "aws/sts.h"

#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

#include <algorithm>

namespace aws {
namespace {

using base::ErrorKind;
using std::chrono::seconds;

constexpr const char* kRole = "arn:aws:iam::123456789012:role/demo";

std::string session_xml(std::string_view action, std::string_view expiration = "2030-01-01T01:00:00Z") {
  const std::string name(action);
  return "<" + name + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + name +
         "Result><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>k3y</SecretAccessKey>"
         "<SessionToken>t0ken==</SessionToken><Expiration>" +
         std::string(expiration) +
         "</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>ARO123:me</AssumedRoleId>"
         "<Arn>arn:aws:sts::123456789012:assumed-role/demo/me</Arn></AssumedRoleUser><PackedPolicySize>8</"
         "PackedPolicySize></" +
         name + "Result></" + name + "Response>";
}

struct StsBench : Bench {
  Sts sts{client, endpoint};
};

Mfa mfa(std::string_view code = "123456") { return {"arn:aws:iam::123456789012:mfa/me", secret::Bytes::copy_of(code)}; }

AssumeRoleRequest role_request() {
  AssumeRoleRequest request;
  request.role_arn = kRole;
  request.role_session_name = "me";
  return request;
}

TEST(Sts, get_session_token_sends_what_the_documentation_shows) {
  StsBench bench;
  bench.http.then(200, session_xml("GetSessionToken"));
  GetSessionTokenRequest request;
  request.duration = seconds(7200);
  request.mfa = mfa();
  const auto session = bench.sts.get_session_token(bench.credentials, request);
  ASSERT_TRUE(session.has_value()) << session.error().what;
  EXPECT_EQ(bench.http.sent.at(0).body,
            "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=7200"
            "&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme&TokenCode=123456");
  EXPECT_EQ(session->credentials.access_key_id, "ASIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(text_of(session->credentials.secret_access_key), "k3y");
  EXPECT_EQ(text_of(session->credentials.session_token), "t0ken==");
  EXPECT_EQ(base::iso8601(*session->credentials.expiration), "2030-01-01T01:00:00Z");
}

TEST(Sts, assume_role_sends_every_parameter) {
  StsBench bench;
  bench.http.then(200, session_xml("AssumeRole"));
  auto request = role_request();
  request.external_id = "123ABC";
  request.duration = seconds(1800);
  request.mfa = mfa();
  request.source_identity = "DevUser123";
  request.tags = {{"Project", "Pegasus"}, {"Cost-Center", "a b@c"}};
  request.transitive_tag_keys = {"Project"};
  request.policy_arns = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
  request.policy = R"({"Version":"2012-10-17"})";
  const auto session = bench.sts.assume_role(bench.credentials, request);
  ASSERT_TRUE(session.has_value()) << session.error().what;
  EXPECT_EQ(bench.http.sent.at(0).body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo"
            "&RoleSessionName=me&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"
            "&Policy=%7B%22Version%22%3A%222012-10-17%22%7D&DurationSeconds=1800&Tags.member.1.Key=Project"
            "&Tags.member.1.Value=Pegasus&Tags.member.2.Key=Cost-Center&Tags.member.2.Value=a%20b%40c"
            "&TransitiveTagKeys.member.1=Project&ExternalId=123ABC"
            "&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme&TokenCode=123456&SourceIdentity=DevUser123");
  EXPECT_EQ(session->assumed_role_arn, "arn:aws:sts::123456789012:assumed-role/demo/me");
  EXPECT_EQ(session->credentials.account_id, "123456789012");
  EXPECT_EQ(session->packed_policy_size, 8);
}

TEST(Sts, reads_the_samples_of_the_documentation) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  {
    StsBench bench;
    bench.clock.start = *base::parse_iso8601("2019-07-15T23:00:00Z");
    bench.http.then(200, vector_text("sts-doc-samples/AssumeRoleResponse.xml"));
    const auto session = bench.sts.assume_role(bench.credentials, role_request());
    ASSERT_TRUE(session.has_value()) << session.error().what;
    EXPECT_EQ(session->credentials.access_key_id, "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(text_of(session->credentials.secret_access_key), "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY");
    const auto token = text_of(session->credentials.session_token);
    EXPECT_TRUE(token.starts_with("AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWH"))
        << token;
    EXPECT_TRUE(token.ends_with("oR/oLxBA==") || token.ends_with("CCR/oLxBA==")) << token;
    EXPECT_EQ(token.find_first_of(" \n"), std::string::npos);
    EXPECT_EQ(session->source_identity, "DevUser123");
    EXPECT_EQ(session->assumed_role_id, "ARO123EXAMPLE123:John");
    EXPECT_EQ(session->credentials.expiration, base::parse_iso8601("2019-07-15T23:28:33.359Z"));
    ++cases;
  }
  {
    StsBench bench;
    bench.clock.start = *base::parse_iso8601("2011-07-11T19:00:00Z");
    bench.http.then(200, vector_text("sts-doc-samples/GetSessionTokenResponse.xml"));
    EXPECT_TRUE(bench.sts.get_session_token(bench.credentials, {}).has_value());
    ++cases;
  }
  {
    // Upstream's typing error in the key id ("…EXAMPLE;") makes it no key id.
    StsBench bench;
    bench.clock.start = *base::parse_iso8601("2019-04-15T23:00:00Z");
    auto xml = vector_text("sts-doc-samples/GetFederationTokenResponse.xml");
    for (const std::string from = "GetFederationToken", to = "GetSessionToken"; xml.find(from) != std::string::npos;)
      xml.replace(xml.find(from), from.size(), to);
    bench.http.then(200, xml);
    const auto session = bench.sts.get_session_token(bench.credentials, {});
    ASSERT_FALSE(session.has_value());
    EXPECT_NE(session.error().what.find("AccessKeyId"), std::string::npos);
    ++cases;
  }
  vectors_ran("sts-doc-samples responses", cases, 3);
}

// "?Version=…\n&Action=…" as the samples have it: names and decoded values.
std::vector<std::pair<std::string, std::string>> parameters(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto pair : base::split(text, '&')) {
    const auto equals = pair.find('=');
    if (equals == pair.npos) continue;
    std::string value;
    for (std::size_t i = equals + 1; i < pair.size(); ++i) {
      if (pair[i] == '%') {
        value += static_cast<char>(std::stoi(std::string(pair.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        value += pair[i];
      }
    }
    out.emplace_back(base::trim_lines(pair.substr(0, equals)), base::trim_lines(value));
  }
  std::ranges::sort(out);
  return out;
}

TEST(Sts, sends_the_parameters_of_the_documentations_requests) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  const auto compare = [&](const char* file, const StsBench& bench) {
    const auto sample = vector_text(std::string("sts-doc-samples/") + file);
    EXPECT_EQ(parameters(bench.http.sent.at(0).body), parameters(std::string_view(sample).substr(sample.find('?') + 1)))
        << file;
    ++cases;
  };
  {
    StsBench bench;
    GetSessionTokenRequest request;
    request.duration = seconds(1800);
    (void)bench.sts.get_session_token(bench.credentials, request);
    compare("GetSessionToken-request.txt", bench);
  }
  {
    StsBench bench;
    GetSessionTokenRequest request;
    request.duration = seconds(7200);
    request.mfa = Mfa{"YourMFADeviceSerialNumber", secret::Bytes::copy_of("123456")};
    (void)bench.sts.get_session_token(bench.credentials, request);
    compare("GetSessionToken-mfa-request.txt", bench);
  }
  {
    StsBench bench;
    AssumeRoleRequest request;
    request.role_session_name = "John-session";
    request.role_arn = "arn:aws::iam::123456789012:role/demo";  // upstream's typing error
    request.policy =
        R"({"Version":"2012-10-17","Statement":[{"Sid": "Stmt1","Effect": "Allow","Action": "s3:*","Resource": "*"}]})";
    request.duration = seconds(1800);
    request.tags = {{"Project", "Pegasus"}, {"Cost-Center", "12345"}};
    request.external_id = "123ABC";
    request.source_identity = "DevUser123";
    (void)bench.sts.assume_role(bench.credentials, request);
    compare("AssumeRole-request.txt", bench);
  }
  vectors_ran("sts-doc-samples requests", cases, 3);  // of 4: GetFederationToken is no call of kabuto
}

TEST(Sts, refuses_before_any_call_what_aws_would_refuse) {
  const auto refuse = [](auto&& change, std::string_view field) {
    StsBench bench;
    auto request = role_request();
    change(request);
    const auto session = bench.sts.assume_role(bench.credentials, request);
    ASSERT_FALSE(session.has_value()) << field;
    EXPECT_EQ(session.error().kind, ErrorKind::refused);
    EXPECT_NE(session.error().what.find(field), std::string::npos) << session.error().what;
    EXPECT_TRUE(bench.http.sent.empty());
  };
  refuse([](auto& r) { r.role_arn = "demo"; }, "role ARN");
  refuse([](auto& r) { r.role_arn = "this-is-no-arn-at-all-but-long"; }, "role ARN");
  refuse([](auto& r) { r.role_arn = std::string(kRole) + "\nExternalId=x"; }, "role ARN");
  refuse([](auto& r) { r.role_session_name = "a"; }, "role session name");
  refuse([](auto& r) { r.role_session_name = std::string(65, 'a'); }, "role session name");
  refuse([](auto& r) { r.role_session_name = "a b"; }, "role session name");
  refuse([](auto& r) { r.external_id = "x"; }, "external id");
  refuse([](auto& r) { r.external_id = std::string(1225, 'x'); }, "external id");
  refuse([](auto& r) { r.source_identity = "aws:x"; }, "source identity");
  refuse([](auto& r) { r.duration = seconds(899); }, "duration");
  refuse([](auto& r) { r.duration = seconds(43'201); }, "duration");
  refuse([](auto& r) { r.mfa = mfa("12345"); }, "MFA code");
  refuse([](auto& r) { r.mfa = mfa("12345a"); }, "MFA code");
  refuse([](auto& r) { r.mfa = Mfa{"short", secret::Bytes::copy_of("123456")}; }, "serial");
  refuse([](auto& r) { r.tags = {{"", "x"}}; }, "tag");
  refuse([](auto& r) { r.tags = {{"aws:x", "x"}}; }, "aws:");
  refuse([](auto& r) { r.tags = {{"A", "x"}, {"a", "y"}}; }, "twice");
  refuse([](auto& r) { r.tags = {{"a", std::string(257, 'x')}}; }, "256");
  refuse([](auto& r) { r.tags = {{"a", "x;y"}}; }, "value of session tag");
  refuse([](auto& r) { r.tags.assign(51, {"a", "b"}); }, "50");
  refuse([](auto& r) { r.policy_arns.assign(11, "arn:aws:iam::aws:policy/ReadOnlyAccess"); }, "10");
  refuse([](auto& r) { r.policy = std::string(2049, 'x'); }, "2048");
  refuse([](auto& r) { r.policy = std::string("{\0}", 3); }, "policy");
}

TEST(Sts, accepts_what_aws_accepts) {
  const auto accept = [](auto&& change) {
    auto request = role_request();
    change(request);
    const auto checked = check(request);
    EXPECT_TRUE(checked.has_value()) << checked.error().what;
  };
  accept([](auto& r) { r.duration = seconds(900); });
  accept([](auto& r) { r.duration = seconds(43'200); });
  accept([](auto& r) { r.external_id = "a:b/c@d"; });
  accept([](auto& r) { r.tags = {{"Größe", "日本語"}, {std::string(128, 'k'), std::string(256, 'v')}, {"e", ""}}; });
  accept([](auto& r) { r.policy = "{\n\t\"Version\": \"2012-10-17\"\n}"; });
  GetSessionTokenRequest longest;
  longest.duration = seconds(129'600);
  EXPECT_TRUE(check(longest).has_value());
}

TEST(Sts, no_error_shows_an_mfa_code) {
  StsBench bench;
  GetSessionTokenRequest request;
  request.mfa = mfa("98765");
  const auto session = bench.sts.get_session_token(bench.credentials, request);
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().what.find("98765"), std::string::npos);
}

TEST(Sts, a_call_with_an_mfa_code_is_not_sent_again_after_a_lost_reply) {
  StsBench bench;
  bench.http.then(ErrorKind::unreachable, "cut short");
  GetSessionTokenRequest request;
  request.mfa = mfa();
  const auto session = bench.sts.get_session_token(bench.credentials, request);
  ASSERT_FALSE(session.has_value());
  EXPECT_NE(session.error().hint.find("wait for the next one"), std::string::npos);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Sts, never_takes_credentials_that_have_expired_by_aws_clock) {
  StsBench late;
  late.http.then(200, session_xml("GetSessionToken", "2030-01-01T01:00:00Z"),
                 {{"Date", "Tue, 01 Jan 2030 02:00:00 GMT"}});
  EXPECT_FALSE(late.sts.get_session_token(late.credentials, {}).has_value());
  StsBench early;  // our clock is two hours ahead: by it they have expired, by AWS's they have not
  early.clock.start = *base::parse_iso8601("2030-01-01T02:00:00Z");
  early.http.then(200, session_xml("GetSessionToken", "2030-01-01T01:00:00Z"),
                  {{"Date", "Tue, 01 Jan 2030 00:00:00 GMT"}});
  const auto session = early.sts.get_session_token(early.credentials, {});
  ASSERT_TRUE(session.has_value()) << session.error().what;
  EXPECT_EQ(session->clock_offset, std::chrono::hours(-2));
}

TEST(Sts, refuses_replies_that_lack_or_double_a_part_of_the_credentials) {
  const auto broken = [](std::string_view from, std::string_view to) {
    StsBench bench;
    auto xml = session_xml("GetSessionToken");
    xml.replace(xml.find(from), from.size(), to);
    bench.http.then(200, xml);
    const auto session = bench.sts.get_session_token(bench.credentials, {});
    ASSERT_FALSE(session.has_value()) << to;
    EXPECT_EQ(session.error().what.find("k3y"), std::string::npos);
  };
  broken("<SecretAccessKey>k3y</SecretAccessKey>", "");
  broken("<SecretAccessKey>k3y</SecretAccessKey>", "<SecretAccessKey/>");
  broken("<SecretAccessKey>k3y</SecretAccessKey>",
         "<SecretAccessKey>k3y</SecretAccessKey><SecretAccessKey>k3y</SecretAccessKey>");
  broken("<SecretAccessKey>k3y", "<SecretAccessKey>k3y&#1;");
  broken("<SecretAccessKey>k3y", "<SecretAccessKey>k3y\xc3\xa9");
  broken("<SessionToken>t0ken==</SessionToken>", "");
  broken("<Expiration>2030-01-01T01:00:00Z</Expiration>", "");
  broken("2030-01-01T01:00:00Z", "2030-01-01T01:00:00");
  broken("2030-01-01T01:00:00Z", "2029-12-31T23:00:00Z");
  broken("<AccessKeyId>ASIAIOSFODNN7EXAMPLE", "<AccessKeyId>AS");
  broken("GetSessionTokenResult><Cred", "Elsewhere><Cred");
  StsBench empty;
  empty.http.then(200, "");
  EXPECT_FALSE(empty.sts.get_session_token(empty.credentials, {}).has_value());
}

TEST(Sts, get_federation_token_sends_name_length_and_policy_and_knows_the_account) {
  StsBench bench;
  bench.http.then(200,
                  "<GetFederationTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                  "<GetFederationTokenResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>"
                  "<SecretAccessKey>k3y</SecretAccessKey><SessionToken>t0ken==</SessionToken>"
                  "<Expiration>2030-01-01T01:00:00Z</Expiration></Credentials><FederatedUser>"
                  "<FederatedUserId>123456789012:Bob</FederatedUserId>"
                  "<Arn>arn:aws:sts::123456789012:federated-user/Bob</Arn></FederatedUser>"
                  "<PackedPolicySize>8</PackedPolicySize></GetFederationTokenResult></GetFederationTokenResponse>");
  GetFederationTokenRequest request;
  request.name = "Bob";
  request.duration = seconds(7200);
  request.policy_arns = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
  request.policy = R"({"Version":"2012-10-17"})";
  const auto session = bench.sts.get_federation_token(bench.credentials, request);
  ASSERT_TRUE(session.has_value()) << session.error().what;
  EXPECT_EQ(bench.http.sent.at(0).body,
            "Action=GetFederationToken&Version=2011-06-15&Name=Bob"
            "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"
            "&Policy=%7B%22Version%22%3A%222012-10-17%22%7D&DurationSeconds=7200");
  EXPECT_EQ(session->credentials.account_id, "123456789012");
  for (const auto* const name : {"B", "Bob Smith", "a-name-that-is-longer-than-aws-takes"}) {
    request.name = name;
    EXPECT_EQ(bench.sts.get_federation_token(bench.credentials, request).error().kind, ErrorKind::refused) << name;
  }
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Sts, says_who_is_calling_and_whose_key_it_is) {
  StsBench bench;
  bench.http.then(
      200,
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>"
      "<UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
  bench.http.then(200,
                  "<GetAccessKeyInfoResponse><GetAccessKeyInfoResult><Account>210987654321</Account>"
                  "</GetAccessKeyInfoResult></GetAccessKeyInfoResponse>");
  const auto caller = bench.sts.get_caller_identity(bench.credentials);
  ASSERT_TRUE(caller.has_value());
  EXPECT_EQ(caller->arn, "arn:aws:iam::123456789012:user/me");
  EXPECT_EQ(caller->account, "123456789012");
  EXPECT_EQ(bench.sts.get_access_key_info(bench.credentials, "AKIAIOSFODNN7EXAMPLE"), "210987654321");
  EXPECT_EQ(bench.http.sent.at(1).body, "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAIOSFODNN7EXAMPLE");
}

}  // namespace
}  // namespace aws
