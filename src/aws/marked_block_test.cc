#include "aws/marked_block.h"

#include <gtest/gtest.h>

namespace aws {
namespace {

ConfigFile file_of(std::string_view text) {
  return *ConfigFile::parse(FileText::copy_of(text), "config", FileKind::config);
}

std::string replaced(std::string_view text, std::string_view body) {
  const auto out = with_block(file_of(text), "corp", body);
  return out ? std::string(out->view()) : "error: " + out.error().what;
}

constexpr std::string_view kBody = "[profile a]\nregion = x\n";
constexpr std::string_view kBlock =
    "# BEGIN kabuto config sync corp\n[profile a]\nregion = x\n# END kabuto config sync corp\n";

TEST(MarkedBlock, is_put_at_the_end_and_replaced_at_its_place) {
  EXPECT_EQ(replaced("", kBody), kBlock);
  EXPECT_EQ(replaced("[default]\n# mine\n", kBody), "[default]\n# mine\n" + std::string(kBlock));
  EXPECT_EQ(replaced("[default]\nregion = y", kBody), "[default]\nregion = y\n" + std::string(kBlock));
  const std::string around = "# top\n" + std::string(kBlock) + "# bottom\n[profile b]\n";
  EXPECT_EQ(
      replaced(around, "[profile c]\n"),
      "# top\n# BEGIN kabuto config sync corp\n[profile c]\n# END kabuto config sync corp\n# bottom\n[profile b]\n");
  EXPECT_EQ(replaced(around, kBody), around);
}

TEST(MarkedBlock, goes_without_a_trace) {
  EXPECT_EQ(replaced("[default]\n" + std::string(kBlock) + "\n[profile b]\n", ""), "[default]\n\n[profile b]\n");
  EXPECT_EQ(replaced("[default]\n", ""), "[default]\n");
}

TEST(MarkedBlock, takes_the_line_ends_of_the_file) {
  const std::string text = replaced("[default]\r\nregion = y\r\n", kBody);
  EXPECT_EQ(text.find("\n["), text.find("\r\n[") + 1);
  EXPECT_TRUE(text.ends_with("# END kabuto config sync corp\r\n"));
  EXPECT_EQ(replaced(text, kBody), text);
}

TEST(MarkedBlock, put_in_twice_is_the_same_behind_a_lone_carriage_return) {
  const std::string once = replaced("\r", kBody);
  EXPECT_EQ(replaced(once, kBody), once);
}

TEST(MarkedBlock, of_another_name_stays) {
  const std::string other = "# BEGIN kabuto config sync corp2\n[profile z]\n# END kabuto config sync corp2\n";
  EXPECT_EQ(replaced(other, kBody), other + std::string(kBlock));
  EXPECT_FALSE(*find_block(file_of(other), "corp"));
  EXPECT_EQ((*find_block(file_of(other + std::string(kBlock)), "corp"))->body, kBody);
}

TEST(MarkedBlock, broken_markers_are_refused_with_their_line) {
  const std::string begin = "# BEGIN kabuto config sync corp\n";
  const std::string end = "# END kabuto config sync corp\n";
  const auto refused = [](const std::string& text, const std::string& line) {
    const auto out = with_block(file_of(text), "corp", kBody);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().kind, base::ErrorKind::refused);
    EXPECT_NE(out.error().what.find("config line " + line + ":"), std::string::npos) << out.error().what;
  };
  refused("[default]\n" + begin + "[profile a]\n", "2");
  refused("[default]\n" + end, "2");
  refused(begin + end + begin + end, "3");
  refused(begin + "# BEGIN kabuto config sync x\n# END kabuto config sync x\n" + end, "2");
  refused(begin + "# END kabuto config sync x\n", "2");
  refused("# BEGIN kabuto config sync other\n", "1");
  refused(begin + "[profile a]\n" + end + "\n# mine\nregion = y\n", "6");
}

TEST(MarkedBlock, what_would_not_read_back_is_refused) {
  EXPECT_TRUE(replaced("", "no header\n").starts_with("error"));
  EXPECT_TRUE(replaced("", "[profile a]\n# END kabuto config sync corp\n").starts_with("error"));
  EXPECT_FALSE(with_block(file_of(""), "a\nb", kBody));
  EXPECT_FALSE(with_block(file_of(""), "", kBody));
}

}  // namespace
}  // namespace aws
