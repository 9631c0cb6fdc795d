#include "jwt.h"

#include "crypto.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using nlohmann::json;

std::string token_of(std::string_view header, std::string_view claims, std::string_view signature = "x") {
  return base64url_encode(header) + "." + base64url_encode(claims) + "." + base64url_encode(signature);
}

TEST(Jwt, is_three_parts_of_which_two_are_objects) {
  EXPECT_TRUE(read_jwt(token_of("{}", "{}")));
  EXPECT_TRUE(read_jwt(token_of("{}", "{}", "")));
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), token_of("{}", "[]"), token_of("1", "{}"),
        token_of("{}", "{"), token_of("{}", "{}") + ".", "." + token_of("{}", "{}"), token_of("{}", "{}") + "=",
        token_of("{}", "{}") + "\n", std::string("e3_.e30.AA"), std::string("e30.e30.AB")})
    EXPECT_FALSE(read_jwt(text)) << text;
}

TEST(Jwt, gives_claims_of_the_right_kind_only) {
  const auto token = read_jwt(
      token_of(R"({"alg":1})",
               R"({"aud":["a","b"],"sub":"me","exp":1700000000.9,"iat":"soon","nbf":-1,"jti":1e300,"amr":["x",1]})"));
  ASSERT_TRUE(token);
  EXPECT_FALSE(token->header_text("alg"));
  EXPECT_EQ(token->texts("aud"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(token->texts("sub"), std::vector<std::string>{"me"});
  EXPECT_TRUE(token->texts("amr").empty());
  EXPECT_TRUE(token->texts("none").empty());
  EXPECT_EQ(token->text("sub"), "me");
  EXPECT_FALSE(token->text("aud"));
  EXPECT_EQ(token->seconds("exp"), 1'700'000'000);
  for (const char* name : {"iat", "nbf", "jti", "none"}) EXPECT_FALSE(token->seconds(name)) << name;
}

TEST(SigningKey, verifies_what_it_signed_and_nothing_else) {
  for (const auto kind : {SigningKey::Kind::rsa, SigningKey::Kind::ec}) {
    const SigningKey key = SigningKey::create(kind);
    const SigningKey other = SigningKey::create(kind);
    const std::string_view algorithm = key.algorithm();
    const std::string signature = key.sign(algorithm, "text");
    EXPECT_TRUE(key.verify(algorithm, "text", signature));
    EXPECT_FALSE(key.verify(algorithm, "Text", signature));
    EXPECT_FALSE(other.verify(algorithm, "text", signature));
    EXPECT_FALSE(key.verify("none", "text", signature));
    EXPECT_FALSE(key.verify("HS256", "text", signature));
    EXPECT_FALSE(key.verify(algorithm, "text", ""));
    EXPECT_FALSE(key.verify(algorithm, "text", signature + "x"));
    EXPECT_TRUE(key.sign("none", "text").empty());
  }
}

TEST(SigningKey, signs_es256_with_two_numbers_of_32_bytes) {
  const SigningKey key = SigningKey::create(SigningKey::Kind::ec);
  for (int i = 0; i < 300; ++i) {  // a number with a leading zero byte comes once in 128
    const std::string signature = key.sign("ES256", std::to_string(i));
    ASSERT_EQ(signature.size(), 64U);
    ASSERT_TRUE(key.verify("ES256", std::to_string(i), signature));
  }
  EXPECT_EQ(key.public_jwk().at("x").get<std::string>().size(), 43U);
}

TEST(Base64, is_read_back_and_only_in_its_own_form) {
  for (const std::string_view text : {"", "a", "ab", "abc", "\xff\xfe\xfd\xfc"}) {
    EXPECT_EQ(base64_decode(base64_encode(text)), text);
    EXPECT_EQ(base64url_decode(base64url_encode(text)), text);
  }
  for (const std::string_view text : {"Y", "YQ", "YQ=", "YR==", "YQ==\n", " YQ==", "Y===", "YQ==YQ==", "Y-_="})
    EXPECT_FALSE(base64_decode(text)) << text;
  for (const std::string_view text : {"Y", "YR", "YQ==", "+w", "/w"}) EXPECT_FALSE(base64url_decode(text)) << text;
}

}  // namespace
}  // namespace sim
