// The vectors backwards: what others have signed verifies, and nothing that was changed afterwards does.
#include "aws/canonical_request.h"
#include "aws/chunk_signatures.h"
#include "aws/signature_claim.h"
#include "aws/sigv4.h"
#include "aws/sigv4_vectors_for_test.h"
#include "secret/digest.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace aws {
namespace {

namespace fs = std::filesystem;

secret::Bytes secret_of(const nlohmann::json& context) {
  return secret::Bytes::copy_of(context["credentials"]["secret_access_key"].get<std::string>());
}

bool verifies(const RawRequest& received, const nlohmann::json& context) {
  const auto claim = read_claim(received.target, received.request.headers);
  if (!claim) return false;
  const auto path = context["normalize"].get<bool>() ? UriPath::normalized : UriPath::as_given;
  const auto hash = base::hex(secret::sha256(received.request.body));
  auto form = received_form(received.request, path, claim->signed_headers, hash);
  if (!form) return false;
  std::erase_if(form->query, [&](const SignedEntry& entry) {
    return claim->form == SignatureForm::query &&
           (entry.name == "X-Amz-Signature" ||
            (entry.name == "X-Amz-Security-Token" && context.value("omit_session_token", false)));
  });
  return SigningKey(secret_of(context), claim->stamp, claim->region, claim->service)
      .has_signed(*form, claim->signature)
      .value_or(false);
}

TEST(SigV4Verification, every_vector_verifies_in_both_forms_and_no_changed_one_does) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t ran = 0;
  for (const auto& directory : fs::directory_iterator(kSigningSuite)) {
    SCOPED_TRACE(directory.path().filename().string());
    const auto context = nlohmann::json::parse(file_text(directory.path() / "context.json"));
    for (const auto* const name : {"header-signed-request.txt", "query-signed-request.txt"}) {
      SCOPED_TRACE(name);
      const auto raw = file_text(directory.path() / name);
      const auto received = parse_raw_request(raw);
      EXPECT_TRUE(verifies(received, context));
      ++ran;

      auto other_body = parse_raw_request(raw);
      other_body.request.body = secret::Bytes::copy_of("another body");
      EXPECT_FALSE(verifies(other_body, context));
      auto other_method = parse_raw_request(raw);
      other_method.request.method += "X";
      EXPECT_FALSE(verifies(other_method, context));
      auto other_path = parse_raw_request(raw);
      other_path.request.url.insert(other_path.request.url.find_first_of("/?", 8), "/x");
      EXPECT_FALSE(verifies(other_path, context));
      auto other_key = context;
      other_key["credentials"]["secret_access_key"] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEx";
      EXPECT_FALSE(verifies(received, other_key));

      const auto claim = read_claim(received.target, received.request.headers);
      ASSERT_TRUE(claim.has_value());
      const auto at = raw.find(claim->signature);
      for (std::size_t i = 0; i < claim->signature.size(); ++i) {
        auto flipped = raw;
        flipped[at + i] = flipped[at + i] == '0' ? '1' : '0';
        EXPECT_FALSE(verifies(parse_raw_request(flipped), context)) << "digit " << i;
      }
    }
  }
  vectors_ran("sigv4/aws-c-auth, backwards", ran, 76);
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: the example of AWS's own pages.
TEST(ChunkSignatures, are_those_of_the_example_in_the_documentation_of_s3) {
  const auto secret = secret::Bytes::copy_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  const std::string seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const auto signatures = [&] {
    return ChunkSignatures(SigningKey(secret, "20130524T000000Z", "us-east-1", "s3"), seed);
  };
  const auto hash_of = [](std::size_t size) {
    const std::vector<std::byte> bytes(size, std::byte{'a'});
    return base::hex(secret::Sha256().add(bytes).take());
  };
  auto ours = signatures();
  EXPECT_EQ(ours.sign_chunk(hash_of(65536)), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
  EXPECT_EQ(ours.sign_chunk(hash_of(1024)), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
  EXPECT_EQ(ours.sign_chunk(kEmptyBodyHash), "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");

  auto theirs = signatures();
  EXPECT_FALSE(theirs.is_chunk(hash_of(1024), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"))
      << "a chunk left out";
  EXPECT_TRUE(theirs.is_chunk(hash_of(65536), "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"));
  EXPECT_FALSE(theirs.is_chunk(hash_of(1023), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"));
  EXPECT_TRUE(theirs.is_chunk(hash_of(1024), "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"));
}

TEST(ChunkSignatures, trailer_is_read_by_name_in_any_order) {
  EXPECT_EQ(canonical_trailer({"X-Amz-Checksum-Sha1: abc ", "x-amz-checksum-crc32:AAAA"}),
            "x-amz-checksum-crc32:AAAA\nx-amz-checksum-sha1:abc\n");
}

TEST(CanonicalPath, of_s3_is_encoded_once_whatever_the_tool_left_bare) {
  EXPECT_EQ(encoded_once("/b/a%20b"), "/b/a%20b");
  EXPECT_EQ(encoded_once("/b/(1)+2"), "/b/%281%29%2B2");
  EXPECT_EQ(encoded_once("/b//../x"), "/b//../x");
  EXPECT_EQ(encoded_once("/b/%c3%bc"), "/b/%C3%BC");
}

std::string refusal_of(std::string_view target, std::vector<http::Header> headers) {
  const auto claim = read_claim(target, headers);
  return claim ? "accepted" : claim.error().code;
}

constexpr char kGood[] =
    "AWS4-HMAC-SHA256 Credential=KABUTO/20300102/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, "
    "Signature=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const http::Header kDate{"X-Amz-Date", "20300102T030405Z"};

TEST(SignatureClaim, is_read_from_the_header_with_and_without_blanks) {
  auto header = std::string(kGood);
  auto claim = read_claim("/", {{"Authorization", header}, kDate});
  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ(claim->key_id, "KABUTO");
  EXPECT_EQ(claim->region + claim->service + claim->date, "eu-west-1s320300102");
  EXPECT_TRUE(claim->signs("x-amz-date"));
  header.erase(header.find(", S") + 1, 1);
  EXPECT_TRUE(read_claim("/", {{"Authorization", header}, kDate}).has_value());
}

TEST(SignatureClaim, of_a_request_that_is_not_signed_or_signed_the_old_way_has_one_clear_error) {
  EXPECT_EQ(refusal_of("/", {}), "AccessDenied");
  EXPECT_EQ(refusal_of("/", {{"Authorization", "AWS KEY:c2lnbmF0dXJl"}}), "InvalidRequest");
  EXPECT_EQ(refusal_of("/?AWSAccessKeyId=K&Signature=s&Expires=1", {}), "InvalidRequest");
  EXPECT_EQ(refusal_of("/", {{"Authorization", "Bearer x"}}), "InvalidRequest");
  EXPECT_EQ(refusal_of("/?X-Amz-Signature=00", {{"Authorization", kGood}, kDate}), "InvalidArgument");
  EXPECT_EQ(refusal_of("/", {{"Authorization", kGood}, {"Authorization", kGood}, kDate}), "InvalidArgument");
}

TEST(SignatureClaim, with_a_malformed_part_is_refused) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string text = kGood;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const auto& text :
       {changed("KABUTO/", "KABUTO/x/"), changed("aws4_request", "aws5_request"), changed("host;", "Host;"),
        changed("host;x-amz-date", "x-amz-date"), changed("host;x-amz-date", "x-amz-date;host"),
        changed("host;x-amz-date", "host;host"), changed("20300102", "20300103"), changed(", Sig", ", Sig=1, Sig"),
        changed("SignedHeaders", "signedheaders")})
    EXPECT_EQ(refusal_of("/", {{"Authorization", text}, kDate}), "AuthorizationHeaderMalformed") << text;
  EXPECT_EQ(refusal_of("/", {{"Authorization", changed("aaaa", "aaaA")}, kDate}), "SignatureDoesNotMatch");
  EXPECT_EQ(refusal_of("/", {{"Authorization", kGood}}), "AccessDenied") << "no date";
  EXPECT_EQ(refusal_of("/", {{"Authorization", kGood}, {"X-Amz-Date", "20300102T250405Z"}}), "AccessDenied");
}

TEST(SignatureClaim, of_the_query_lives_as_long_as_it_says_and_is_taken_out_of_the_query) {
  const std::string query =
      "list-type=2&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20300102%2Feu-west-1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20300102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&prefix=a%20b&X-Amz-Signature=" +
      std::string(64, '0');
  const auto claim = read_claim("/b?" + query, {});
  ASSERT_TRUE(claim.has_value()) << claim.error().message;
  EXPECT_EQ(without_signature(query), "list-type=2&prefix=a%20b");
  EXPECT_TRUE(check_time(*claim, {claim->when + std::chrono::seconds(59)}).has_value());
  EXPECT_EQ(check_time(*claim, {claim->when + std::chrono::seconds(60)}).error().message, "Request has expired");
  EXPECT_FALSE(check_time(*claim, {claim->when - std::chrono::minutes(16)}).has_value());
  auto too_long = query;
  too_long.replace(too_long.find("Expires=60"), 10, "Expires=604801");
  EXPECT_EQ(refusal_of("/?" + too_long, {}), "AuthorizationQueryParametersError");
}

TEST(SignatureClaim, of_a_header_is_good_within_fifteen_minutes_of_either_clock) {
  const auto claim = read_claim("/", {{"Authorization", kGood}, kDate});
  ASSERT_TRUE(claim.has_value());
  const auto late = claim->when + std::chrono::minutes(16);
  EXPECT_TRUE(check_time(*claim, {claim->when + std::chrono::minutes(15)}).has_value());
  EXPECT_EQ(check_time(*claim, {late}).error().code, "RequestTimeTooSkewed");
  EXPECT_TRUE(check_time(*claim, {late, claim->when}).has_value());
}

}  // namespace
}  // namespace aws
