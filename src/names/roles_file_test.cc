#include "names/roles_file.h"

#include <gtest/gtest.h>

namespace names {
namespace {

std::string error_of(std::string_view text) {
  const auto roles = parse_roles(text);
  return roles ? "" : roles.error().what;
}

TEST(RolesFile, roles_with_comments_quotes_and_other_keys_are_read) {
  const auto roles = parse_roles(
      "---\n"
      "# all of them\n"
      "stage:\n"
      "  role: arn:aws:iam::222222222222:role/admin   # the usual one\r\n"
      "  note: whatever\n"
      "  mfa: \"arn:aws:iam::111111111111:mfa/alice\"\n"
      "\n"
      "'a name':\n"
      "    role: 'arn:aws:iam::333333333333:role/x'\n");
  ASSERT_TRUE(roles.has_value()) << roles.error().what;
  ASSERT_EQ(roles->size(), 2u);
  EXPECT_EQ((*roles)[0].name, "stage");
  EXPECT_EQ((*roles)[0].role_arn, "arn:aws:iam::222222222222:role/admin");
  EXPECT_EQ((*roles)[0].mfa_serial, "arn:aws:iam::111111111111:mfa/alice");
  EXPECT_EQ((*roles)[1].name, "a name");
  EXPECT_EQ((*roles)[1].role_arn, "arn:aws:iam::333333333333:role/x");
  EXPECT_EQ((*roles)[1].mfa_serial, "");
}

TEST(RolesFile, an_empty_file_has_no_roles) {
  for (const auto* text : {"", "\n\n", "# nothing\n", "---\n"}) {
    const auto roles = parse_roles(text);
    ASSERT_TRUE(roles.has_value()) << text;
    EXPECT_TRUE(roles->empty());
  }
}

TEST(RolesFile, what_else_yaml_can_say_is_refused_with_its_line) {
  EXPECT_TRUE(error_of("a: {role: x}\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of("a: &x\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of("a:\n  role: |\n    x\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("a:\n  role: [x]\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("a:\n  role: *x\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("a:\n\trole: x\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("- a\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of("a:\n  role: x\n   mfa: y\n").starts_with("line 3: "));
  EXPECT_TRUE(error_of("  role: x\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of("a:\n  role: \"x\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("a:\n  role: \"x\\n\"\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("a:\n  role: b: c\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("a:\n  role: x\n  role: y\n").starts_with("line 3: "));
  EXPECT_TRUE(error_of("a:\na:\n").starts_with("line 2: "));
  EXPECT_TRUE(error_of("no colon here\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of(": x\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of(":x\n").starts_with("line 1: "));  // the fuzzer's first find: once it was read for ever
  EXPECT_TRUE(error_of("\"a\n").starts_with("line 1: "));
  EXPECT_TRUE(error_of("\xFF:\n").starts_with("line 1: "));
}

TEST(RolesFile, a_colon_without_a_blank_belongs_to_the_name) {
  const auto roles = parse_roles("team:stage:\n  role: x\n");
  ASSERT_TRUE(roles.has_value());
  EXPECT_EQ((*roles)[0].name, "team:stage");
}

}  // namespace
}  // namespace names
