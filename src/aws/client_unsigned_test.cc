#include "aws/client.h"
#include "aws/service_for_test.h"

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;

constexpr char kToken[] = "aoaAAAAAGTOKENCANARY0123456789";

base::Result<UnsignedReply> call(Bench& bench, Repeat repeat = Repeat::freely, Attempts attempts = Attempts::several) {
  UnsignedCall out;
  out.target = "/token";
  out.content_type = "application/json";
  out.secret_headers.push_back({"x-amz-sso_bearer_token", secret::Bytes::copy_of(kToken)});
  out.body = secret::Bytes::copy_of(R"({"refreshToken":"aorAAAAAGREFRESHCANARY9876543210"})");
  return bench.client.call_unsigned(bench.endpoint, std::move(out), repeat, attempts);
}

TEST(UnsignedCall, is_sent_as_it_is_and_without_a_signature) {
  Bench bench;
  bench.http.then(200, "{}", {{"Date", "Tue, 01 Jan 2030 00:05:00 GMT"}});
  const auto reply = call(bench);
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ(text_of(**reply), "{}");
  const auto& sent = bench.http.sent.at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://sts.eu-west-1.amazonaws.com/token");
  EXPECT_EQ(sent.content_type, "application/json");
  EXPECT_EQ(sent.secret_headers.at("x-amz-sso_bearer_token"), kToken);
  EXPECT_EQ(sent.authorization + sent.date, "");
  EXPECT_EQ(bench.client.clock_offset(), Duration(300'000)) << "its Date measures the clock too";
}

TEST(UnsignedCall, hands_a_refusal_up) {
  Bench bench;
  bench.http.then(400, R"({"error":"invalid_grant","error_description":"Invalid grant provided"})",
                  {{"x-amzn-ErrorType", "InvalidGrantException:http://internal.amazon.com/coral/"}});
  const auto reply = call(bench);
  ASSERT_TRUE(reply.has_value());
  ASSERT_FALSE(reply->has_value());
  EXPECT_EQ(reply->error().code, "InvalidGrant");
  EXPECT_EQ(reply->error().message, "Invalid grant provided");
  EXPECT_EQ(reply->error().status, 400);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(UnsignedCall, shares_the_attempts_and_pauses_of_signed_ones) {
  Bench failing;
  failing.http.then(503, "", {{"Retry-After", "2"}});
  failing.http.then(ErrorKind::unreachable, "cut short");
  failing.http.then(200, "{}");
  EXPECT_TRUE(call(failing)->has_value());
  EXPECT_EQ(failing.clock.slept, (std::vector<Duration>{Duration(2000), Duration(100)}));
  Bench throttled;
  throttled.http.then(429, R"({"message":"Too many"})", {{"Retry-After", "1"}});
  const auto reply = call(throttled);
  ASSERT_FALSE(reply->has_value());
  EXPECT_EQ(throttled.http.sent.size(), 3U);
  EXPECT_EQ(reply->error().wish, Duration(1000));
}

TEST(UnsignedCall, is_repeated_only_as_far_as_the_caller_allows) {
  Bench lost;
  lost.http.then(ErrorKind::unreachable, "cut short");
  EXPECT_EQ(call(lost, Repeat::unless_acted_on).error().kind, ErrorKind::unreachable);
  EXPECT_EQ(lost.http.sent.size(), 1U);
  Bench once;
  once.http.then(503, "");
  EXPECT_EQ(call(once, Repeat::freely, Attempts::one)->error().status, 503);
  EXPECT_EQ(once.http.sent.size(), 1U);
  Bench paced;
  paced.http.then(503, "");
  paced.http.then(429, "{}", {{"Retry-After", "7"}});
  const auto reply = call(paced, Repeat::freely, Attempts::unless_throttled);
  EXPECT_EQ(paced.http.sent.size(), 2U) << "a failure is repeated, throttling is not";
  EXPECT_EQ(reply->error().wish, Duration(7000));
}

TEST(UnsignedCall, never_shows_what_was_sent) {
  for (const auto* quoted : {kToken, "aorAAAAAGREFRESHCANARY9876543210", "orAAAAAGREFRESHCAN"}) {
    for (const auto& body :
         {R"({"message":"the token )" + std::string(quoted) + R"( is not good"})",
          R"({"error":"invalid_grant","error_description":")" + std::string(quoted) + "\"}",
          R"({"error":")" + std::string(quoted) + "\"}", "<html>" + std::string(quoted) + "</html>",
          R"({"message":"ok","reason":")" + std::string(quoted) + "\"}", "{" + std::string(quoted)}) {
      Bench bench;
      bench.http.then(400, body);
      const auto reply = call(bench);
      ASSERT_FALSE(reply->has_value());
      const auto error = explained(reply->error());
      EXPECT_EQ((error.what + error.hint + reply->error().code).find("CANARY"), std::string::npos) << body;
      EXPECT_EQ((error.what + reply->error().code).find("REFRESHCAN"), std::string::npos) << body;
    }
  }
}

}  // namespace
}  // namespace aws
