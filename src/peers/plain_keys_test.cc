#include "peers/plain_keys.h"

#include <gtest/gtest.h>

namespace peers {
namespace {

constexpr std::string_view kText =
    "[default]\n"
    "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
    "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n"
    "[session]\n"
    "aws_access_key_id = ASIAIOSFODNN7EXAMPLE\n"
    "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n"
    "aws_session_token = token\n"
    "[half]\n"
    "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n"
    "[wrong]\n"
    "aws_access_key_id = secret-in-the-wrong-place\n"
    "aws_secret_access_key = AKIAIOSFODNN7EXAMPLE\n"
    "[none]\n"
    "region = eu-west-1\n"
    "[empty]\n"
    "aws_access_key_id =\n"
    "[twice]\n"
    "aws_access_key_id = AKIAIOSFODNN7EXAMPL1\n"
    "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n"
    "[twice]\n"
    "aws_access_key_id = AKIAIOSFODNN7EXAMPL2\n";

aws::ConfigFile file_of(std::string_view text) {
  return *aws::ConfigFile::parse(aws::FileText::copy_of(text), "/home/u/.aws/credentials", aws::FileKind::credentials);
}

TEST(PlainKeys, each_profile_with_a_key_is_found_once_and_in_order) {
  const auto file = file_of(kText);
  const auto found = plain_keys(file);
  std::vector<std::string> names;
  for (const auto& key : found) names.push_back(key.profile);
  EXPECT_EQ(names, (std::vector<std::string>{"default", "session", "half", "wrong", "twice"}));
}

TEST(PlainKeys, what_is_worth_sealing_is_told_from_what_is_not) {
  const auto found = plain_keys(file_of(kText));
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].kind, PlainKind::long_term);
  EXPECT_EQ(found[0].where(), "/home/u/.aws/credentials line 2");
  EXPECT_EQ(found[1].kind, PlainKind::session);
  EXPECT_EQ(found[2].kind, PlainKind::unusable);
  EXPECT_EQ(found[2].flaw, "no aws_access_key_id beside it");
  EXPECT_EQ(found[2].line, 9U);
}

TEST(PlainKeys, a_secret_in_the_place_of_the_id_is_not_shown) {
  const auto found = plain_keys(file_of(kText));
  EXPECT_EQ(found[3].kind, PlainKind::unusable);
  EXPECT_EQ(found[3].access_key_id, "");
  EXPECT_EQ(found[3].flaw.find("secret-in"), std::string::npos);
}

TEST(PlainKeys, the_last_value_of_a_section_that_comes_twice_counts) {
  const auto file = file_of(kText);
  EXPECT_EQ(plain_keys(file)[4].access_key_id, "AKIAIOSFODNN7EXAMPL2");
  EXPECT_EQ(plain_secret(file, "twice", "aws_secret_access_key")->size(), 40U);
  EXPECT_FALSE(plain_secret(file, "none", "aws_secret_access_key"));
}

TEST(PlainKeys, a_masked_id_shows_its_ends) {
  EXPECT_EQ(masked("AKIAIOSFODNN7EXAMPLE"), "AKIA…MPLE");
  EXPECT_EQ(masked("AKIA"), "…");
}

TEST(PlainKeys, sections_that_are_no_profile_are_told_apart_and_not_lost) {
  const auto file = file_of(
      "[my dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
      "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n[other one]\nregion = x\n");
  EXPECT_TRUE(plain_keys(file).empty());
  const auto found = passed_over_keys(file);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].profile, "my dev");
  EXPECT_EQ(found[0].kind, PlainKind::long_term);
  EXPECT_EQ(found[0].line, 2U);
  EXPECT_FALSE(found[0].passed_over.empty());
}

TEST(PlainKeys, a_session_says_when_it_ends_in_either_form_or_not) {
  const auto ends = [](std::string_view line) {
    return plain_keys(
               file_of("[s]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n"
                       "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n"
                       "aws_session_token = t\n" +
                       std::string(line)))[0]
        .ends;
  };
  const auto when = base::parse_iso8601("2030-01-02T03:04:05Z");
  EXPECT_EQ(ends("expiration = 2030-01-02 03:04:05\n"), when);
  EXPECT_EQ(ends("x_security_token_expires = 2030-01-02T03:04:05Z\n"), when);
  EXPECT_EQ(ends(""), std::nullopt);
}

}  // namespace
}  // namespace peers
