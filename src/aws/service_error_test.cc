#include "aws/service_error.h"

#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

#include <algorithm>
#include <array>
#include <map>

namespace aws {
namespace {

using base::ErrorKind;

ServiceError read(int status, std::string_view body, std::string_view token = "") {
  const auto sent = secret::Bytes::copy_of(token);
  const std::vector<const secret::Bytes*> all{&sent};
  return read_service_error(reply(status, body), all);
}

base::Error explained(int status, std::string_view code, std::string_view message) {
  return aws::explained(read(status, error_body(code, message)));
}

TEST(ServiceError, every_public_error_of_sts_has_its_kind_and_next_step) {
  if (!vectors_present()) GTEST_SKIP();
  const std::map<std::string, ErrorKind> kinds{
      {"invalid MFA one time pass code", ErrorKind::mfa_rejected},
      {"must provide both MFA", ErrorKind::mfa_rejected},
      {"unable to validate MFA code", ErrorKind::mfa_rejected},
      {"with session credentials", ErrorKind::denied},
      {"is not authorized to perform", ErrorKind::denied},
      {"included in the request is expired", ErrorKind::expired},
      {"included in the request is invalid", ErrorKind::unknown_key},
      {"Signature expired", ErrorKind::denied},  // without a Date header; with one the client answers for it
      {"Rate exceeded", ErrorKind::unreachable},
      {"role chaining", ErrorKind::failure},
      {"MaxSessionDuration", ErrorKind::failure},
      {"Packed size", ErrorKind::failure},
      {"No OpenIDConnect provider", ErrorKind::denied},
      {"STS is not activated", ErrorKind::failure},
  };
  const auto catalog = nlohmann::json::parse(vector_text("sts-doc-samples/error-catalog.json"));
  std::size_t cases = 0;
  for (const auto& entry : catalog) {
    const auto code = entry["code"].get<std::string>(), message = entry["message"].get<std::string>();
    SCOPED_TRACE(message);
    const auto kind =
        std::ranges::find_if(kinds, [&](const auto& known) { return message.find(known.first) != std::string::npos; });
    ASSERT_NE(kind, kinds.end()) << "a new entry of the catalog";
    for (const auto& spelled :
         {code, code.ends_with("Exception") ? code.substr(0, code.size() - 9) : code + "Exception"}) {
      const auto error = explained(entry["http"].get<int>(), spelled, message);
      EXPECT_EQ(error.kind, kind->second);
      EXPECT_FALSE(error.hint.empty());
      EXPECT_NE(error.what.find(message), std::string::npos);
      EXPECT_NE(error.what.find("req-1"), std::string::npos);
    }
    ++cases;
  }
  vectors_ran("sts-doc-samples/error-catalog.json", cases, 14);
}

TEST(ServiceError, reads_the_error_sample_of_the_cli) {
  if (!vectors_present()) GTEST_SKIP();
  const auto expected =
      nlohmann::json::parse(vector_text("aws-cli/response_parsing/errors/sts-get-session-token.json"));
  const auto error = read(403, vector_text("aws-cli/response_parsing/errors/sts-get-session-token.xml"));
  EXPECT_EQ(error.code, expected["Error"]["Code"]);
  EXPECT_EQ(error.message, expected["Error"]["Message"]);
  EXPECT_EQ(error.request_id, expected["ResponseMetadata"]["RequestId"]);
  EXPECT_EQ(aws::explained(error).kind, ErrorKind::mfa_rejected);
  vectors_ran("aws-cli/response_parsing/errors", 1, 1);
}

TEST(ServiceError, shows_text_of_the_server_only_in_safe_form) {
  const auto error = read(403, error_body("AccessDenied", "\x1b]52;c;x\x07red\xe2\x80\xae" + std::string(1000, 'x')));
  EXPECT_EQ(error.message.find('\x1b'), std::string::npos);
  EXPECT_EQ(error.message.find('\x07'), std::string::npos);
  EXPECT_EQ(error.message.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_LE(error.message.size(), 310U);
  const auto page = read(502, "<html>\x1b[31m<p>Bad gateway</html>");
  EXPECT_EQ(page.message.find('\x1b'), std::string::npos);
  EXPECT_NE(page.message.find("Bad gateway"), std::string::npos);
}

TEST(ServiceError, never_shows_the_request_that_aws_quotes) {
  const auto error = read(403, error_body("SignatureDoesNotMatch",
                                          "The signature does not match.\n\nThe Canonical String "
                                          "should have been\n'POST\nx-amz-security-token:CANARY'"));
  EXPECT_EQ(error.message, "The signature does not match.");
  const auto quoted = read(403, error_body("AccessDenied", "the token CANARY is not good"), "CANARY");
  EXPECT_EQ(quoted.message.find("CANARY"), std::string::npos);
  const auto page = read(500, "the token CANARY is not good", "CANARY");
  EXPECT_EQ(page.message.find("CANARY"), std::string::npos);
}

TEST(ServiceError, takes_the_request_id_from_the_header_where_the_body_has_none) {
  const auto error = read_service_error(reply(503, "", {{"x-amzn-RequestId", "abc-1"}}), {});
  EXPECT_NE(aws::explained(error).what.find("HTTP 503"), std::string::npos);
  EXPECT_NE(aws::explained(error).what.find("(request id abc-1)"), std::string::npos);
}

TEST(ServiceError, tells_an_endpoint_of_another_region_from_a_wrong_secret) {
  const auto error =
      explained(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region, not 'eu-wset-1'.");
  EXPECT_EQ(error.kind, ErrorKind::failure);
  EXPECT_NE(error.hint.find("AWS_ENDPOINT_URL"), std::string::npos);
  EXPECT_EQ(error.hint.find("add --replace"), std::string::npos);
}

TEST(ServiceError, shows_no_secret_that_the_server_says_as_its_request_id) {
  const auto token = secret::Bytes::copy_of("TOKEN-CANARY-0123456789");
  const std::array<const secret::Bytes*, 1> sent{&token};
  const auto error = read_service_error(reply(503, "", {{"x-amzn-RequestId", "TOKEN-CANARY-0123456789"}}), sent);
  EXPECT_EQ(aws::explained(error).what.find("CANARY"), std::string::npos);
}

TEST(ServiceError, tells_a_quota_from_throttling) {
  EXPECT_FALSE(is_transient(read(409, error_body("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"))));
  EXPECT_TRUE(is_transient(read(400, error_body("Throttling", "Rate exceeded"))));
  EXPECT_EQ(explained(404, "NoSuchEntity", "gone").kind, ErrorKind::not_found);
}

TEST(ServiceError, reads_the_json_errors_of_identity_center) {
  const auto read_json = [](std::string_view body, std::string_view type) {
    std::vector<http::Header> headers;
    if (!type.empty()) headers.push_back({"x-amzn-ErrorType", std::string(type)});
    return read_service_error(reply(400, body, headers), {});
  };
  const auto pending = read_json(R"({"error":"authorization_pending","error_description":""})",
                                 "AuthorizationPendingException:http://internal.amazon.com/coral/com.amazonaws/");
  EXPECT_EQ(pending.code, "AuthorizationPending");
  EXPECT_EQ(pending.message, "authorization_pending");
  EXPECT_EQ(read_json(R"({"error":"slow_down"})", "").code, "SlowDown") << "without the header";
  EXPECT_EQ(read_json(R"({"__type":"com.amazonaws.sso#UnauthorizedException","message":"x"})", "").code,
            "Unauthorized");
  EXPECT_EQ(read_json(R"({"message":"No access"})", "ForbiddenException").message, "No access");
  EXPECT_EQ(read_json(R"({"error":"access_denied","error_description":"no","reason":"KMS_AccessDenied"})", "").message,
            "no (KMS_AccessDenied)");
  EXPECT_EQ(read_json(R"({"error":7,"message":["x"],"more":{"a":[1]}})", "").message, "");
  EXPECT_EQ(read_json("{\"message\":\"half", "InvalidRequestException").code, "InvalidRequest");
  EXPECT_EQ(read_json("", "InternalServerException").code, "InternalServer");
  const auto hostile = read_json(R"({"message":"\u001b]52;c;x\u0007 \u202e"})", "\x1b[31mX");
  EXPECT_EQ((hostile.code + hostile.message).find('\x1b'), std::string::npos);
  EXPECT_EQ(hostile.message.find("\xe2\x80\xae"), std::string::npos);
}

}  // namespace
}  // namespace aws
