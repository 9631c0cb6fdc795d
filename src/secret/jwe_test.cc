#include "secret/jwe.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace secret {
namespace {

// Made by jwcrypto: "text", sealed with "passphrase".
constexpr std::string_view kToken =
    "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJjcmVhdGVkIjoiMjAyMy0wMS0wMSIsImVuYyI6IkEyNTZHQ00iLCJwMmMiOjgxOTIsInAycyI6In"
    "o1WXRYaWdTTW4wTm9lcTRITzZYMmcifQ.4LHg4KC-9YHW6il3Hcrs2zwSarW8gRdsAMkQn82tVBAu6bXvP8nQuA.rHssx460G3a-uvk5.Tjq17A."
    "h-bv1yrkWyToWvFryTUIGQ";
constexpr std::string_view kRest =
    ".4LHg4KC-9YHW6il3Hcrs2zwSarW8gRdsAMkQn82tVBAu6bXvP8nQuA.rHssx460G3a-uvk5.Tjq17A.h-bv1yrkWyToWvFryTUIGQ";
// {"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":P2C,"p2s":"z5YtXigSMn0Noeq4HO6X2g"} with P2C 999 and 2000001
constexpr std::string_view kFewRounds =
    "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMjU2R0NNIiwicDJjIjo5OTksInAycyI6Ino1WXRYaWdTTW4wTm9lcTRITzZYMmci"
    "fQ";
constexpr std::string_view kManyRounds =
    "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJlbmMiOiJBMjU2R0NNIiwicDJjIjoyMDAwMDAxLCJwMnMiOiJ6NVl0WGlnU01uME5vZXE0SE82"
    "WDJnIn0";
// {"alg":"PBES2-HS512+A256KW","enc":"A256CBC-HS512","p2c":8192,"p2s":"z5YtXigSMn0Noeq4HO6X2g"}
constexpr std::string_view kOther =
    "eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwicDJjIjo4MTkyLCJwMnMiOiJ6NVl0WGlnU01uME5vZXE0"
    "SE82WDJnIn0";

base::Result<Bytes> opened(std::string_view token, std::string_view passphrase = "passphrase") {
  return open_jwe(Bytes::copy_of(token), Bytes::copy_of(passphrase));
}

TEST(Jwe, what_another_library_sealed_opens) {
  const auto text = opened(kToken);
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_TRUE(text->equals(Bytes::copy_of(std::string_view("text"))));
  EXPECT_TRUE(opened(std::string(kToken) + "\n"));
}

TEST(Jwe, a_wrong_passphrase_is_told_from_damage) {
  EXPECT_EQ(opened(kToken, "other").error().kind, base::ErrorKind::store_locked);
  EXPECT_EQ(opened(kToken, "").error().kind, base::ErrorKind::store_locked);
  std::string changed(kToken);
  changed.back() = changed.back() == 'A' ? 'Q' : 'A';
  EXPECT_EQ(opened(changed).error().kind, base::ErrorKind::store_damaged);
}

TEST(Jwe, another_header_over_the_same_text_does_not_open) {
  // The header is part of what is sealed: one blank more.
  const std::string token =
      "eyAiYWxnIjoiUEJFUzItSFMyNTYrQTEyOEtXIiwiZW5jIjoiQTI1NkdDTSIsInAyYyI6ODE5MiwicDJzIjoiejVZdFhpZ1NNbjBOb2VxNEhPNlgy"
      "ZyJ9" +
      std::string(kRest);
  EXPECT_EQ(opened(token).error().kind, base::ErrorKind::store_damaged);
}

TEST(Jwe, a_cost_outside_of_the_limits_is_refused_before_anything_is_derived) {
  for (const auto header : {kFewRounds, kManyRounds}) {
    const auto text = opened(std::string(header) + std::string(kRest));
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().kind, base::ErrorKind::refused);
    EXPECT_NE(text.error().what.find("rounds"), std::string::npos) << text.error().what;
  }
}

TEST(Jwe, a_way_of_sealing_that_is_not_known_is_named) {
  const auto text = opened(std::string(kOther) + std::string(kRest));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, base::ErrorKind::refused);
  EXPECT_NE(text.error().what.find("PBES2-HS512+A256KW with A256CBC-HS512"), std::string::npos);
}

TEST(Jwe, what_is_no_jwe_is_damage) {
  for (const std::string_view token : {"", ".", "....", "a.b.c", "a.b.c.d.e", "{}", "a.b.c.d.e.f"})
    EXPECT_EQ(opened(token).error().kind, base::ErrorKind::store_damaged) << token;
}

TEST(Jwe, every_truncation_is_an_error) {
  for (std::size_t size = 0; size < kToken.size(); size += 7) EXPECT_FALSE(opened(kToken.substr(0, size))) << size;
}

}  // namespace
}  // namespace secret
