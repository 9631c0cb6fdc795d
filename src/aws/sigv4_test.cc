#include "aws/sigv4.h"

#include "aws/sigv4_vectors_for_test.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace aws {
namespace {

namespace fs = std::filesystem;

std::string render(const RawRequest& raw, std::string_view url, const http::Request& request, std::size_t given) {
  std::string out = request.method + " " + std::string(url.substr(url.find('/', 8))) + raw.line_end + "\n";
  for (std::size_t i = 0; i < given; ++i) out += request.headers[i].name + ":" + request.headers[i].value + "\n";
  for (const auto& header : request.secret_headers) out += header.name + ":" + text_of(header.value) + "\n";
  for (std::size_t i = given; i < request.headers.size(); ++i)
    out += request.headers[i].name + ":" + request.headers[i].value + "\n";
  return out + "\n" + text_of(request.body);
}

Credentials example_credentials() {
  return {"AKIDEXAMPLE", secret::Bytes::copy_of("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {}, {}, {}};
}

Signing example_signing() { return {"us-east-1", "service", *base::parse_iso8601("2015-08-30T12:36:00Z")}; }

TEST(SigV4, signs_every_vector_of_aws_c_auth_in_both_forms) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t signatures = 0;
  for (const auto& directory : fs::directory_iterator(kSigningSuite)) {
    const auto file = [&](const char* name) { return file_text(directory.path() / name); };
    SCOPED_TRACE(directory.path().filename().string());
    const auto context = nlohmann::json::parse(file("context.json"));
    const auto& keys = context["credentials"];
    const Credentials credentials{keys["access_key_id"].get<std::string>(),
                                  secret::Bytes::copy_of(keys["secret_access_key"].get<std::string>()),
                                  secret::Bytes::copy_of(keys.value("token", "")),
                                  {},
                                  {}};
    Signing signing{context["region"].get<std::string>(), context["service"].get<std::string>(),
                    *base::parse_iso8601(context["timestamp"].get<std::string>())};
    if (!context["normalize"].get<bool>()) signing.path = UriPath::as_given;
    if (context["sign_body"].get<bool>()) signing.body_hash = BodyHashHeader::sent;
    if (context.value("omit_session_token", false)) signing.session_token = SessionTokenPlace::added_after;

    auto by_header = parse_raw_request(file("request.txt"));
    const auto given = by_header.request.headers.size();
    const auto signature = sign(by_header.request, credentials, signing);
    ASSERT_TRUE(signature.has_value()) << signature.error().what;
    EXPECT_EQ(text_of(signature->canonical_request), file("header-canonical-request.txt"));
    EXPECT_EQ(signature->string_to_sign, file("header-string-to-sign.txt"));
    EXPECT_EQ(signature->hex, file("header-signature.txt"));
    EXPECT_EQ(render(by_header, by_header.request.url, by_header.request, given), file("header-signed-request.txt"));

    const auto by_query = parse_raw_request(file("request.txt"));
    const auto presigned = presign(by_query.request, credentials, signing,
                                   std::chrono::seconds(context["expiration_in_seconds"].get<int>()));
    ASSERT_TRUE(presigned.has_value()) << presigned.error().what;
    EXPECT_EQ(text_of(presigned->signature.canonical_request), file("query-canonical-request.txt"));
    EXPECT_EQ(presigned->signature.string_to_sign, file("query-string-to-sign.txt"));
    EXPECT_EQ(presigned->signature.hex, file("query-signature.txt"));
    EXPECT_EQ(render(by_query, text_of(presigned->url), by_query.request, given), file("query-signed-request.txt"));
    signatures += 2;
  }
  vectors_ran("sigv4/aws-c-auth", signatures, 76);
}

TEST(SigV4, signs_the_odd_query_strings_of_the_ruby_sdk) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  for (const auto& directory : fs::directory_iterator(kSigV4Vectors / "ruby-extra")) {
    if (!directory.is_directory()) continue;
    const auto name = directory.path().filename().string();
    SCOPED_TRACE(name);
    const auto file = [&](const char* suffix) { return file_text(directory.path() / (name + suffix)); };
    auto one = parse_raw_request(file(".req"));
    std::erase_if(one.request.headers, [](const auto& header) { return header.name == "X-Amz-Date"; });
    const auto signature = sign(one.request, example_credentials(), example_signing());
    ASSERT_TRUE(signature.has_value());
    EXPECT_EQ(text_of(signature->canonical_request), file(".creq"));
    EXPECT_EQ(signature->string_to_sign, file(".sts"));
    EXPECT_EQ(one.request.headers.back().value, file(".authz"));
    // The .sreq of both cases holds another signature than their .authz (so upstream); only the rest is compared.
    EXPECT_TRUE(file(".sreq").starts_with(file(".req") + "\nAuthorization: AWS4-HMAC-SHA256 Credential="));
    ++cases;
  }
  vectors_ran("sigv4/ruby-extra", cases, 2);
}

TEST(SigV4, takes_the_host_from_the_url_where_no_host_header_is_given) {
  http::Request request;
  request.url = "https://STS.amazonaws.com:8443/";
  const auto signature = sign(request, example_credentials(), example_signing());
  ASSERT_TRUE(signature.has_value());
  EXPECT_NE(text_of(signature->canonical_request).find("\nhost:sts.amazonaws.com:8443\n"), std::string::npos);
}

TEST(SigV4, keeps_the_session_token_out_of_every_plain_header) {
  auto credentials = example_credentials();
  credentials.session_token = secret::Bytes::copy_of("TOKEN-CANARY");
  http::Request request;
  request.url = "https://sts.amazonaws.com/";
  ASSERT_TRUE(sign(request, credentials, example_signing()).has_value());
  ASSERT_EQ(request.secret_headers.size(), 1U);
  for (const auto& header : request.headers) EXPECT_EQ(header.value.find("CANARY"), std::string::npos);
}

TEST(SigV4, refuses_to_sign_twice) {
  http::Request request;
  request.url = "https://sts.amazonaws.com/";
  ASSERT_TRUE(sign(request, example_credentials(), example_signing()).has_value());
  EXPECT_FALSE(sign(request, example_credentials(), example_signing()).has_value());
  http::Request presigned;
  presigned.url = "https://sts.amazonaws.com/?X-Amz-Signature=00";
  EXPECT_FALSE(presign(presigned, example_credentials(), example_signing(), std::chrono::seconds(60)).has_value());
}

TEST(SigV4, refuses_a_token_or_header_that_would_end_a_line) {
  http::Request request;
  request.url = "https://sts.amazonaws.com/";
  auto credentials = example_credentials();
  credentials.session_token = secret::Bytes::copy_of("a\r\nX-Evil: 1");
  EXPECT_FALSE(sign(request, credentials, example_signing()).has_value());
  request.headers.push_back({"A", "b\rc"});
  EXPECT_FALSE(sign(request, example_credentials(), example_signing()).has_value());
}

TEST(SigV4, refuses_to_presign_for_longer_than_a_week) {
  http::Request request;
  request.url = "https://sts.amazonaws.com/";
  EXPECT_FALSE(presign(request, example_credentials(), example_signing(), std::chrono::hours(169)).has_value());
  EXPECT_FALSE(presign(request, example_credentials(), example_signing(), std::chrono::seconds(0)).has_value());
}

}  // namespace
}  // namespace aws
