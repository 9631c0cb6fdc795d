// What an open shell is told: the difference to the environment of a child, and nothing else.
#include "deliver/shell_text.h"

#include "aws/credentials.h"

#include <gtest/gtest.h>

#include <string>

namespace deliver {
namespace {

constexpr base::Instant kExpires = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

aws::Credentials credentials(std::string_view token = "to'ken") {
  return {"ASIAEXAMPLE", secret::Bytes::copy_of("se cret"), secret::Bytes::copy_of(token), kExpires, ""};
}

std::string told(const base::Environment& parent, const ShellOrder& order,
                 const aws::Credentials& given = credentials(), const Recipient& recipient = {"p", "eu-west-1"}) {
  const auto child = child_environment(parent, given, recipient);
  if (!child) return child.error().what;
  const auto text = shell_text(parent, *child, order);
  return text ? text->reveal_text([](std::string_view t) { return std::string(t); }) : text.error().what;
}

ShellOrder order(ShellTurn turn = ShellTurn::use) { return {turn, {"--", "p"}, kExpires - std::chrono::minutes{5}}; }

TEST(ShellText, sets_what_exec_sets_and_drops_what_exec_takes_out) {
  EXPECT_EQ(told({"HOME=/h", "AWS_PROFILE=x", "AWS_CONTAINER_CREDENTIALS_FULL_URI=u", "AWS_REGION=eu-west-1",
                  "AWS_CA_BUNDLE=c"},
                 order()),
            "kabuto use 1\n1893455700\n2\n2\n=--\n=p\nAWS_PROFILE\n"
            "AWS_CONTAINER_CREDENTIALS_FULL_URI\nAWS_ACCESS_KEY_ID=ASIAEXAMPLE\n"
            "AWS_SECRET_ACCESS_KEY=se cret\nAWS_SESSION_TOKEN=to'ken\n"
            "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z\nAWS_SESSION_EXPIRATION=2030-01-01T00:00:00Z\n"
            "AWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\nKABUTO_REGION=eu-west-1\n"
            "KABUTO_PROFILE=p\n");
}

TEST(ShellText, what_the_role_has_no_value_for_is_dropped_all_the_same) {
  auto keys = credentials("");
  keys.expiration.reset();
  const std::string text = told({}, {ShellTurn::use, {"p"}, std::nullopt}, keys);
  EXPECT_NE(text.find("\nnever\n1\n3\n=p\nAWS_SESSION_TOKEN\nAWS_CREDENTIAL_EXPIRATION\nAWS_SESSION_EXPIRATION\n"),
            std::string::npos)
      << text;
}

TEST(ShellText, a_renewal_changes_the_credentials_alone) {
  const std::string text = told({"AWS_PROFILE=x", "AWS_REGION=us-east-1"}, order(ShellTurn::renewal));
  EXPECT_TRUE(text.starts_with("kabuto renewal 1\n"));
  EXPECT_EQ(text.find("AWS_PROFILE"), std::string::npos);
  EXPECT_EQ(text.find("REGION"), std::string::npos);
  EXPECT_NE(text.find("AWS_SESSION_TOKEN"), std::string::npos);
}

TEST(ShellText, a_renewal_that_brings_the_same_credentials_says_them_all_the_same) {
  const std::string text =
      told({"AWS_ACCESS_KEY_ID=ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=se cret", "AWS_SESSION_TOKEN=to'ken",
            "AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z", "AWS_SESSION_EXPIRATION=2030-01-01T00:00:00Z"},
           order(ShellTurn::renewal));
  EXPECT_NE(text.find("\nAWS_ACCESS_KEY_ID=ASIAEXAMPLE\n"), std::string::npos) << text;
}

TEST(ShellText, the_shell_keeps_what_opens_the_store) {
  EXPECT_EQ(told({"KABUTO_PASSPHRASE_FILE=/f"}, order()).find("KABUTO_PASSPHRASE"), std::string::npos);
}

TEST(ShellText, a_name_that_no_shell_variable_can_have_is_left_alone) {
  const std::string text = told({"AWS_CONTAINER_$(touch x)=1", "AWS_BEARER_TOKEN_%%=2"}, order());
  EXPECT_EQ(text.find("touch"), std::string::npos);
  EXPECT_EQ(text.find("%%"), std::string::npos);
}

TEST(ShellText, a_word_with_a_line_end_is_refused) {
  EXPECT_NE(told({}, {ShellTurn::use, {"a\nb"}, kExpires}).find("line end"), std::string::npos);
}

TEST(ShellText, a_role_that_came_from_outside_is_taken_off_by_name) {
  EXPECT_EQ(shell_text_without_role({"AWS_ACCESS_KEY_ID=a"}), std::nullopt);
  EXPECT_EQ(shell_text_without_role({"KABUTO_PROFILE=p", "AWS_ACCESS_KEY_ID=a", "AWS_REGION=eu-west-1",
                                     "KABUTO_REGION=eu-west-1", "AWS_DEFAULT_REGION=mine", "HOME=/h"}),
            "kabuto off 1\nKABUTO_PROFILE\nAWS_ACCESS_KEY_ID\nAWS_REGION\nKABUTO_REGION\n");
}

}  // namespace
}  // namespace deliver
