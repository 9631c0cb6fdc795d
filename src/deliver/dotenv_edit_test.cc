// Edits of .env files: our lines new, every other byte as it was. Real readers read the results in
// tests/interop/dotenv_test.py.
#include "deliver/dotenv_edit.h"

#include <gtest/gtest.h>

#include <string>

namespace deliver {
namespace {

using base::Instant;

aws::Credentials session(std::string_view secret = "s/e+c=", std::string_view token = "tok") {
  return {"ASIANEW", secret::Bytes::copy_of(secret), secret::Bytes::copy_of(token),
          Instant{std::chrono::seconds{1'893'553'445}}, ""};
}

std::string with(std::string_view text, const aws::Credentials& credentials = session(),
                 const std::string& region = "") {
  const auto out = dotenv_with(text, credentials, {"dev", region});
  return out ? std::string(out->whole().view()) : "error: " + out.error().what;
}

std::string without(std::string_view text) {
  const auto out = dotenv_without(text);
  return out ? std::string(out->whole().view()) : "error: " + out.error().what;
}

constexpr std::string_view kNew =
    "AWS_ACCESS_KEY_ID=ASIANEW\nAWS_SECRET_ACCESS_KEY=s/e+c=\nAWS_SESSION_TOKEN=tok\n"
    "AWS_CREDENTIAL_EXPIRATION=2030-01-02T03:04:05Z\n";

TEST(DotenvEdit, an_empty_file_gets_the_keys) { EXPECT_EQ(with(""), kNew); }

TEST(DotenvEdit, a_region_is_written_under_both_its_names) {
  EXPECT_EQ(with("", session(), "eu-west-1"),
            std::string(kNew) + "AWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\n");
}

TEST(DotenvEdit, comments_order_and_values_of_others_stay) {
  EXPECT_EQ(
      with("# top\nA = 'x' # y\nAWS_ACCESS_KEY_ID=old # mine\n\nB=\"two\nlines\"\nC\n"),
      "# top\nA = 'x' # y\nAWS_ACCESS_KEY_ID=ASIANEW # mine\nAWS_SECRET_ACCESS_KEY=s/e+c=\nAWS_SESSION_TOKEN=tok\n"
      "AWS_CREDENTIAL_EXPIRATION=2030-01-02T03:04:05Z\n\nB=\"two\nlines\"\nC\n");
}

TEST(DotenvEdit, quotes_export_and_spaces_of_our_lines_stay) {
  EXPECT_EQ(
      with("  export AWS_ACCESS_KEY_ID = \"old\"\nexport AWS_SECRET_ACCESS_KEY='o' # c\nAWS_SESSION_TOKEN=\"a\nb\"\n"
           "AWS_CREDENTIAL_EXPIRATION=\n"),
      "  export AWS_ACCESS_KEY_ID = \"ASIANEW\"\nexport AWS_SECRET_ACCESS_KEY='s/e+c=' # c\n"
      "AWS_SESSION_TOKEN=\"tok\"\nAWS_CREDENTIAL_EXPIRATION=2030-01-02T03:04:05Z\n");
}

TEST(DotenvEdit, what_is_added_is_exported_where_its_neighbours_are) {
  EXPECT_EQ(with("export A=1"),
            "export A=1\nexport AWS_ACCESS_KEY_ID=ASIANEW\nexport AWS_SECRET_ACCESS_KEY=s/e+c=\n"
            "export AWS_SESSION_TOKEN=tok\nexport AWS_CREDENTIAL_EXPIRATION=2030-01-02T03:04:05Z\n");
}

TEST(DotenvEdit, line_ends_and_a_byte_order_mark_stay) {
  EXPECT_EQ(with("\xEF\xBB\xBF"
                 "AWS_ACCESS_KEY_ID=a\r\nAWS_SECRET_ACCESS_KEY=\"b\"\r\nX=1\r\n"),
            "\xEF\xBB\xBF"
            "AWS_ACCESS_KEY_ID=ASIANEW\r\nAWS_SECRET_ACCESS_KEY=\"s/e+c=\"\r\n"
            "AWS_SESSION_TOKEN=tok\r\nAWS_CREDENTIAL_EXPIRATION=2030-01-02T03:04:05Z\r\nX=1\r\n");
}

TEST(DotenvEdit, of_duplicates_each_is_set_and_told) {
  const auto out = dotenv_with("AWS_ACCESS_KEY_ID=1\nX=1\nAWS_ACCESS_KEY_ID='2'\n", session(), {"dev", ""});
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_TRUE(
      out->whole().view().starts_with("AWS_ACCESS_KEY_ID=ASIANEW\nX=1\nAWS_ACCESS_KEY_ID='ASIANEW'\nAWS_SECRET"));
  ASSERT_EQ(out->report.duplicates.size(), 1U);
  EXPECT_EQ(out->report.duplicates[0].name, "AWS_ACCESS_KEY_ID");
  EXPECT_EQ(out->report.duplicates[0].lines, (std::vector<unsigned>{1, 3}));
}

TEST(DotenvEdit, a_second_time_nothing_changes) {
  const std::string once = with("A=1\nexport AWS_SESSION_TOKEN= # none yet\nB='x'");
  EXPECT_EQ(with(once), once);
}

TEST(DotenvEdit, old_names_get_the_new_value_where_they_are) {
  EXPECT_EQ(with("AWS_SECURITY_TOKEN=stale\nAWS_SESSION_EXPIRATION=stale\n").find("stale"), std::string::npos);
}

TEST(DotenvEdit, long_term_keys_take_an_old_token_out) {
  const aws::Credentials key{"AKIANEW", secret::Bytes::copy_of("secret"), secret::Bytes(), std::nullopt, ""};
  EXPECT_EQ(with("A=1\nAWS_SESSION_TOKEN=old\nAWS_CREDENTIAL_EXPIRATION=x\nAWS_SECURITY_TOKEN=x\nB=2\n", key),
            "A=1\nB=2\nAWS_ACCESS_KEY_ID=AKIANEW\nAWS_SECRET_ACCESS_KEY=secret\n");
}

TEST(DotenvEdit, a_name_without_a_value_gets_one) {
  EXPECT_TRUE(with("AWS_ACCESS_KEY_ID\nX=1\n").starts_with("AWS_ACCESS_KEY_ID=ASIANEW\nAWS_SECRET"));
}

TEST(DotenvEdit, what_stands_inside_of_a_value_is_no_line_of_ours) {
  const std::string text = "DOC='\nAWS_ACCESS_KEY_ID=example\n'\n# AWS_ACCESS_KEY_ID=comment\n";
  EXPECT_EQ(with(text), text + std::string(kNew));
}

TEST(DotenvEdit, taking_out_leaves_all_else_and_the_region) {
  EXPECT_EQ(without("# a\nAWS_ACCESS_KEY_ID=1\nX=1\n  export AWS_SESSION_TOKEN='a\nb' # "
                    "c\nAWS_REGION=eu\nAWS_SECRET_ACCESS_KEY=x"),
            "# a\nX=1\nAWS_REGION=eu\n");
  EXPECT_EQ(without("X=1"), "X=1");
  EXPECT_EQ(without(with("# x\r\nA=1\r\n")), "# x\r\nA=1\r\n");
}

TEST(DotenvEdit, a_comment_behind_a_tab_is_one_for_both_readers_afterwards) {
  EXPECT_TRUE(with("AWS_ACCESS_KEY_ID=old\t# c\n").starts_with("AWS_ACCESS_KEY_ID=ASIANEW\t # c\n"));
}

TEST(DotenvEdit, hostile_values_are_quoted_or_refused) {
  EXPECT_NE(with("", session("a b#c$d")).find("AWS_SECRET_ACCESS_KEY='a b#c$d'\n"), std::string::npos);
  EXPECT_NE(with("AWS_SECRET_ACCESS_KEY='x'\n", session("it's")).find("AWS_SECRET_ACCESS_KEY=\"it's\"\n"),
            std::string::npos);
  EXPECT_NE(with("AWS_SECRET_ACCESS_KEY=\"x\"\n", session("a$b")).find("AWS_SECRET_ACCESS_KEY='a$b'\n"),
            std::string::npos);
  EXPECT_EQ(with("A=1\n", session("${HOME}")),
            "error: the value of AWS_SECRET_ACCESS_KEY cannot be written into a .env file without changing it");
  EXPECT_EQ(with("", session("a'b\"")).find("error: "), 0U);
  EXPECT_EQ(with("", session("a\nB=1")).find("error: "), 0U);
}

TEST(DotenvEdit, where_the_readers_would_disagree_the_line_is_named) {
  for (const std::string_view line :
       {"AWS_ACCESS_KEY_ID: x\n", "AWS_ACCESS_KEY_ID='a'b=c\n", "AWS_ACCESS_KEY_ID=a\rB=1\n",
        "A='x'AWS_ACCESS_KEY_ID=old\n", "AWS_ACCESS_KEY_ID\u2003=1\n"})
    EXPECT_EQ(with("X=1\n" + std::string(line)),
              "error: line 2: python-dotenv and docker compose do not read this line the same way")
        << line;
}

TEST(DotenvEdit, a_file_that_compose_refuses_is_written_for_python_and_told) {
  const auto out = dotenv_with("X=1\nwhat is this?\n'AWS_ACCESS_KEY_ID'=old\n", session(), {"dev", ""});
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->report.refused_by_compose, 2U);
  EXPECT_TRUE(out->whole().view().starts_with("X=1\nwhat is this?\n'AWS_ACCESS_KEY_ID'=ASIANEW\nAWS_SECRET"));
}

TEST(DotenvEdit, a_long_term_key_that_is_lost_is_told_by_its_id) {
  const auto lost = [](std::string_view text, std::string_view id) {
    auto credentials = session();
    credentials.access_key_id = id;
    const auto set = dotenv_with(text, credentials, {"dev", ""});
    return set ? set->report.lost_ids : std::vector<std::string>{set.error().what};
  };
  using Ids = std::vector<std::string>;
  constexpr std::string_view kTwo = "AWS_ACCESS_KEY_ID=AKIAONE # mine\nexport AWS_ACCESS_KEY_ID=\"AKIATWO\"\n";
  EXPECT_EQ(lost(kTwo, "ASIANEW"), (Ids{"AKIAONE", "AKIATWO"}));
  EXPECT_EQ(lost(kTwo, "AKIATWO"), Ids{"AKIAONE"});
  EXPECT_EQ(dotenv_without(kTwo)->report.lost_ids, (Ids{"AKIAONE", "AKIATWO"}));
  for (const std::string_view other : {"AWS_ACCESS_KEY_ID=ASIAOLD\n", "#AWS_ACCESS_KEY_ID=AKIAONE\n",
                                       "KEY_ID=AKIAONE\n", "AWS_ACCESS_KEY_ID\n", "AWS_ACCESS_KEY_ID=''\n"}) {
    EXPECT_EQ(lost(other, "ASIANEW"), Ids{}) << other;
    EXPECT_EQ(dotenv_without(other)->report.lost_ids, Ids{}) << other;
  }
}

TEST(DotenvEdit, a_profile_in_the_file_is_told) {
  const auto out = dotenv_with("\nAWS_PROFILE=x\n", session(), {"dev", ""});
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->report.names_profile, 2U);
}

}  // namespace
}  // namespace deliver
