#include "aws/written_profile.h"

#include "aws/profile.h"

#include <gtest/gtest.h>

#include <string>

namespace aws {
namespace {

constexpr std::string_view kOwner = "0123456789abcdef";
constexpr base::Instant kEnds{std::chrono::seconds{1'893'553'445}};

Credentials session() {
  return {"ASIANEW", secret::Bytes::copy_of("secret"), secret::Bytes::copy_of("token"), kEnds, ""};
}

std::string written(std::string_view text, std::string_view owner = kOwner, std::string_view region = "eu-west-1") {
  const auto credentials = session();
  const auto edits = write_edits({"kabuto-dev", owner, credentials, region});
  const auto out = edited(text, FileKind::credentials, edits);
  return out ? std::string(out->view()) : "error: " + out.error().what;
}

ConfigFile parsed(std::string_view text) {
  return *ConfigFile::parse(FileText::copy_of(text), "credentials", FileKind::credentials);
}

constexpr std::string_view kSection =
    "[kabuto-dev]\nkabuto_writer = 0123456789abcdef\naws_access_key_id = ASIANEW\naws_secret_access_key = secret\n"
    "aws_session_token = token\nexpiration = 2030-01-02 03:04:05\nx_security_token_expires = 2030-01-02T03:04:05Z\n"
    "region = eu-west-1\n";

TEST(WrittenProfile, a_section_holds_the_session_its_end_in_both_forms_and_the_mark) {
  EXPECT_EQ(written("# mine\n[default]\nregion = x # y\n"),
            "# mine\n[default]\nregion = x # y\n" + std::string(kSection));
}

TEST(WrittenProfile, a_renewal_replaces_the_values_in_place) {
  std::string old(kSection);
  old.replace(old.find("ASIANEW"), 7, "ASIAOLDER");
  EXPECT_EQ(written(old + "[other]\na = b\n"), std::string(kSection) + "[other]\na = b\n");
}

TEST(WrittenProfile, taking_it_out_leaves_the_file_as_it_was) {
  const std::string_view before = "# mine\n[default]\nregion = x\n";
  const auto out = edited(written(before), FileKind::credentials, remove_edits("kabuto-dev"));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->view(), before);
}

TEST(WrittenProfile, what_is_marked_is_known_and_nothing_else) {
  const auto found = written_profiles(parsed("[a]\nx = kabuto_writer\n" + std::string(kSection)));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "kabuto-dev");
  EXPECT_TRUE(found[0].has_owner());
  EXPECT_EQ(found[0].expires, kEnds);
  EXPECT_EQ(found[0].line, 3U);
}

TEST(WrittenProfile, left_over_is_what_a_dead_owner_left_and_what_has_ended_without_one) {
  const auto count = [](std::string_view owner, base::Instant now, bool lives) {
    return leftovers(parsed(written("", owner)), now, [&](const WrittenProfile&) { return lives; }).size();
  };
  EXPECT_EQ(count(kOwner, kEnds - std::chrono::hours{1}, true), 0U);
  EXPECT_EQ(count(kOwner, kEnds + std::chrono::hours{1}, true), 0U);
  EXPECT_EQ(count(kOwner, kEnds - std::chrono::hours{1}, false), 1U);
  EXPECT_EQ(count(kWithoutOwner, kEnds - std::chrono::hours{1}, false), 0U);
  EXPECT_EQ(count(kWithoutOwner, kEnds, false), 1U);
}

TEST(WrittenProfile, the_plain_form_of_an_instant_reads_back) {
  EXPECT_EQ(plain_utc(kEnds), "2030-01-02 03:04:05");
  EXPECT_EQ(parse_plain_utc("2030-01-02 03:04:05"), kEnds);
  for (const std::string_view wrong : {"", "2030-01-02T03:04:05", "2030-01-02 03:04:05Z", "2030-13-02 03:04:05", "x"})
    EXPECT_FALSE(parse_plain_utc(wrong)) << wrong;
}

TEST(WrittenProfile, is_no_source_of_the_profile_whose_name_it_has) {
  const std::string text = "[dev]\nkabuto_writer = none\naws_access_key_id = ASIA1\naws_secret_access_key = s\n";
  const auto both = Profiles::of_texts("[profile dev]\nregion = x\n", text);
  EXPECT_EQ((*both->find("dev"))->value("aws_access_key_id"), "");
  EXPECT_EQ((*both->find("dev"))->value("region"), "x");
  const auto alone = Profiles::of_texts("", text);
  EXPECT_EQ((*alone->find("dev"))->value("aws_access_key_id"), "ASIA1");
}

}  // namespace
}  // namespace aws
