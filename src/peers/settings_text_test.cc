#include "peers/settings_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace peers {
namespace {

std::string problem(const base::Result<std::vector<TextSetting>>& read) { return read ? "" : read.error().what; }

TEST(Toml, tables_and_texts_are_read_and_other_values_passed_over) {
  const auto read = read_toml(
      "# granted's\r\nDefaultBrowser = \"FIREFOX\" # mine\n\n[Keyring]\n  Backend = 'file'\n[SSO.\"my corp\"]\n"
      "StartURL = \"https://d-1.awsapps.com/start\"\nNoCredentialProcess = true\nN = 1\nList = [\"a]\", 'b']\n"
      "Inline = {a = \"}\"}\nx.y = \"dotted\"\n");
  ASSERT_TRUE(read) << problem(read);
  EXPECT_EQ(setting_at(*read, {"DefaultBrowser"}), "FIREFOX");
  EXPECT_EQ(setting_at(*read, {"keyring", "backend"}), "file");
  EXPECT_EQ(setting_at(*read, {"SSO", "my corp", "StartURL"}), "https://d-1.awsapps.com/start");
  EXPECT_EQ(setting_at(*read, {"SSO", "my corp", "x", "y"}), "dotted");
  EXPECT_EQ(setting_at(*read, {"SSO", "my corp", "N"}), "");
  EXPECT_EQ(read->back().line, 12U);
}

TEST(Toml, escapes_are_undone_in_one_kind_of_quotes_only) {
  const auto read = read_toml("a = \"x\\\\y\\\"\\t\"\nb = 'x\\y'\n");
  ASSERT_TRUE(read) << problem(read);
  EXPECT_EQ(setting_at(*read, {"a"}), "x\\y\"\t");
  EXPECT_EQ(setting_at(*read, {"b"}), "x\\y");
}

TEST(Toml, what_is_not_read_is_named_by_its_line) {
  for (const std::string_view text : {"a = \"\"\"\nx\n\"\"\"", "a = '''x'''", "a = [\n1]", "[[a]]", "a", "= 1", "a =",
                                      "[a", "a = \"x", "a = \"x\" y", "a = \"\\u0041\"", "a = 1]", "a. = 1", "\xff"})
    EXPECT_EQ(problem(read_toml("ok = 1\n" + std::string(text))), "line 2 is of a form that is not read here") << text;
}

TEST(Yaml, mappings_are_read_and_sequences_passed_over) {
  const auto read = read_yaml(
      "SSOConfig:\n  Default:\n    SSORegion: us-east-1\n    StartUrl: 'https://d-1.awsapps.com/start'\n    Accounts:\n"
      "      111111111111:\n        Tags:\n          - Type: Main\n            Other: x\n        Name: after\n"
      "SecureStore: json\nList: [a, {b: c}]\nLast: \"x\"\n");
  ASSERT_TRUE(read) << problem(read);
  EXPECT_EQ(setting_at(*read, {"SSOConfig", "Default", "StartUrl"}), "https://d-1.awsapps.com/start");
  EXPECT_EQ(setting_at(*read, {"SSOConfig", "Default", "Accounts", "111111111111", "Name"}), "after");
  EXPECT_EQ(setting_at(*read, {"SecureStore"}), "json");
  EXPECT_EQ(setting_at(*read, {"Last"}), "x");
  EXPECT_EQ(read->size(), 5U);
}

TEST(Yaml, an_empty_file_and_one_scalar_hold_no_settings) {
  for (const std::string_view text : {"", "---\n", "text", "- a\n- b\n"}) {
    const auto read = read_yaml(text);
    ASSERT_TRUE(read) << text << problem(read);
    EXPECT_TRUE(read->empty()) << text;
  }
}

TEST(Yaml, aliases_depth_and_what_is_no_yaml_are_refused) {
  for (const std::string& text : {std::string("a: &x 1\nb: *x\n"), std::string("a: [\n"), std::string("? [a]\n: b\n"),
                                  std::string("a: \"\n"), std::string(100, '[')}) {
    EXPECT_NE(problem(read_yaml(text)).find("is of a form that is not read here"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace peers
