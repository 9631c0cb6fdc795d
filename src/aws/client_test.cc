#include "aws/client.h"

#include "aws/service_for_test.h"

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;

QueryForm any_form() { return {"GetCallerIdentity", "2011-06-15"}; }

base::Result<secret::Bytes> call(Bench& bench, Repeat repeat = Repeat::freely) {
  return bench.client.call(bench.endpoint, bench.credentials, any_form(), repeat);
}

std::vector<http::Header> dated(const char* date) { return {{"Date", date}}; }

TEST(Client, posts_a_signed_form_to_the_endpoint) {
  Bench bench;
  bench.http.then(200, "<x/>");
  const auto body = call(bench);
  ASSERT_TRUE(body.has_value()) << body.error().what;
  EXPECT_EQ(text_of(*body), "<x/>");
  const auto& sent = bench.http.sent.at(0);
  EXPECT_EQ(sent.url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.body, "Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(sent.date, "20300101T000000Z");
  EXPECT_NE(
      sent.authorization.find(
          "/20300101/eu-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"),
      std::string::npos);
}

TEST(Client, tries_three_times_where_the_server_fails_or_throttles) {
  for (const int status : {500, 502, 503, 504, 429}) {
    Bench bench;
    bench.http.then(status, "<html>try later</html>");
    const auto reply = call(bench);
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().kind, ErrorKind::unreachable);
    EXPECT_EQ(bench.http.sent.size(), 3U) << status;
  }
  for (const auto* code : {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}) {
    Bench bench;
    bench.http.then(400, error_body(code, "Rate exceeded"));
    bench.http.then(200, "<x/>");
    EXPECT_TRUE(call(bench).has_value());
    EXPECT_EQ(bench.clock.slept, std::vector<Duration>{Duration(1000)}) << code;
  }
}

TEST(Client, tries_again_where_the_network_failed) {
  Bench bench;
  bench.http.then(ErrorKind::unreachable, "connection refused");
  bench.http.then(200, "<x/>");
  EXPECT_TRUE(call(bench).has_value());
  EXPECT_EQ(bench.http.sent.size(), 2U);
}

TEST(Client, never_repeats_a_refusal) {
  for (const auto* code :
       {"AccessDenied", "ValidationError", "ExpiredToken", "LimitExceeded", "SignatureDoesNotMatch"}) {
    Bench bench;
    bench.http.then(403, error_body(code, "no"), dated("Tue, 01 Jan 2030 00:00:00 GMT"));
    EXPECT_FALSE(call(bench).has_value());
    EXPECT_EQ(bench.http.sent.size(), 1U) << code;
  }
  Bench bench;
  bench.http.then(ErrorKind::refused, "reply too large");
  EXPECT_EQ(call(bench).error().kind, ErrorKind::refused);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Client, repeats_a_call_with_an_mfa_code_only_where_aws_did_not_act_on_it) {
  Bench lost;
  lost.http.then(ErrorKind::unreachable, "the reply was cut short");
  EXPECT_FALSE(call(lost, Repeat::unless_acted_on).has_value());
  EXPECT_EQ(lost.http.sent.size(), 1U);
  Bench failed;
  failed.http.then(500, "");
  EXPECT_FALSE(call(failed, Repeat::unless_acted_on).has_value());
  EXPECT_EQ(failed.http.sent.size(), 1U);
  Bench throttled;
  throttled.http.then(400, error_body("Throttling", "Rate exceeded"));
  throttled.http.then(200, "<x/>");
  EXPECT_TRUE(call(throttled, Repeat::unless_acted_on).has_value());
}

TEST(Client, waits_as_the_server_wishes_but_not_much_longer) {
  const auto pause_with = [](http::Header header) {
    Bench bench;
    bench.http.then(503, "", {std::move(header)});
    bench.http.then(200, "<x/>");
    EXPECT_TRUE(call(bench).has_value());
    return bench.clock.slept.at(0);
  };
  EXPECT_EQ(pause_with({"Retry-After", "2"}), Duration(2000));
  EXPECT_EQ(pause_with({"x-amz-retry-after", "1500"}), Duration(1500));
  EXPECT_EQ(pause_with({"Retry-After", "3600"}), Duration(5050));
  EXPECT_EQ(pause_with({"Retry-After", "0"}), Duration(50));
  EXPECT_EQ(pause_with({"Retry-After", "-5"}), Duration(50));
  EXPECT_EQ(pause_with({"Retry-After", "99999999999999999999"}), Duration(50));
  EXPECT_EQ(pause_with({"Retry-After", "soon"}), Duration(50));
}

TEST(Client, keeps_its_deadline_whatever_the_server_wishes) {
  Bench bench;
  bench.http.takes(Duration(27'000));
  bench.http.then(503, "", {{"Retry-After", "4"}});
  EXPECT_FALSE(call(bench).has_value());
  EXPECT_EQ(bench.http.sent.size(), 1U);
  EXPECT_EQ(bench.http.sent[0].total, Duration(30'000));

  Bench shrinking;
  shrinking.http.takes(Duration(10'000));
  shrinking.http.then(503, "");
  EXPECT_FALSE(call(shrinking).has_value());
  EXPECT_LE(shrinking.clock.gone, Duration(31'000));
  EXPECT_EQ(shrinking.http.sent.at(1).total, Duration(19'950));
}

TEST(Client, corrects_its_clock_once_by_the_servers_date) {
  for (const auto* code :
       {"SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException"}) {
    Bench bench;
    bench.http.then(403, error_body(code, "Signature expired: 20300101T000000Z is now earlier than 20300101T001500Z"),
                    dated("Tue, 01 Jan 2030 00:16:00 GMT"));
    bench.http.then(200, "<x/>", dated("Tue, 01 Jan 2030 00:16:00 GMT"));
    EXPECT_TRUE(call(bench, Repeat::unless_acted_on).has_value()) << code;
    ASSERT_EQ(bench.http.sent.size(), 2U);
    EXPECT_EQ(bench.http.sent[1].date, "20300101T001600Z");
    EXPECT_EQ(bench.client.clock_offset(), Duration(16 * 60'000));
    EXPECT_EQ(base::iso8601(bench.client.server_now()), "2030-01-01T00:16:00Z");
    EXPECT_TRUE(call(bench).has_value());
    EXPECT_EQ(bench.http.sent.at(2).date, "20300101T001600Z") << "the next call knows";
  }
}

TEST(Client, corrects_a_clock_that_is_ahead_too) {
  Bench bench;
  bench.http.then(403,
                  error_body("SignatureDoesNotMatch",
                             "Signature not yet current: 20300101T000000Z is still later than 20291231T234900Z"),
                  dated("Mon, 31 Dec 2029 23:44:00 GMT"));
  bench.http.then(200, "<x/>");
  EXPECT_TRUE(call(bench).has_value());
  EXPECT_EQ(bench.http.sent.at(1).date, "20291231T234400Z");
}

TEST(Client, names_both_clocks_where_the_correction_did_not_help) {
  Bench bench;
  bench.http.then(403, error_body("RequestTimeTooSkewed", "no"), dated("Tue, 01 Jan 2030 01:00:00 GMT"));
  const auto reply = call(bench);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(bench.http.sent.size(), 2U);
  EXPECT_NE(reply.error().what.find("2030-01-01T00:00:00Z"), std::string::npos) << reply.error().what;
  EXPECT_NE(reply.error().what.find("2030-01-01T01:00:00Z"), std::string::npos) << reply.error().what;
  EXPECT_NE(reply.error().hint.find("timedatectl"), std::string::npos);
}

TEST(Client, takes_a_wrong_signature_for_a_wrong_secret_unless_the_clocks_are_far_apart) {
  Bench close;
  close.http.then(403, error_body("SignatureDoesNotMatch", "The request signature we calculated does not match"),
                  dated("Tue, 01 Jan 2030 00:03:00 GMT"));
  EXPECT_EQ(call(close).error().kind, ErrorKind::denied);
  EXPECT_EQ(close.http.sent.size(), 1U);
  Bench far;
  far.http.then(403, error_body("InvalidSignatureException", "wrong"), dated("Tue, 01 Jan 2030 00:05:00 GMT"));
  far.http.then(200, "<x/>");
  EXPECT_TRUE(call(far).has_value());
}

TEST(Client, measures_the_offset_on_success_and_forgets_small_ones) {
  Bench bench;
  bench.http.then(200, "<x/>", dated("Tue, 01 Jan 2030 00:00:01 GMT"));
  bench.http.then(200, "<x/>", dated("Mon, 31 Dec 2029 23:55:00 GMT"));
  EXPECT_TRUE(call(bench).has_value());
  EXPECT_EQ(bench.client.clock_offset(), Duration(0));
  EXPECT_TRUE(call(bench).has_value());
  EXPECT_EQ(bench.client.clock_offset(), Duration(-5 * 60'000));
  EXPECT_EQ(bench.http.sent.at(1).date, "20300101T000000Z") << "AWS has not complained";
}

TEST(Client, shows_a_redirect_as_one) {
  Bench bench;
  bench.http.then(301, "", {{"Location", "https://evil.example/"}});
  const auto reply = call(bench);
  ASSERT_FALSE(reply.has_value());
  EXPECT_NE(reply.error().what.find("301"), std::string::npos);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(RandomJitter, stays_within_its_bounds) {
  RandomJitter jitter;
  for (int i = 0; i < 1000; ++i) {
    const auto pause = jitter.up_to(Duration(50));
    EXPECT_GE(pause, Duration(0));
    EXPECT_LE(pause, Duration(50));
  }
  EXPECT_EQ(jitter.up_to(Duration(0)), Duration(0));
}

}  // namespace
}  // namespace aws
