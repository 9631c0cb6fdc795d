#include "secret/json_reader.h"

#include "secret/bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace secret {
namespace {

/// What skip() and end() say about a text; empty where both are content.
std::string complaint(std::string text) {
  JsonReader reader(std::as_writable_bytes(std::span(text)));
  if (auto read = reader.skip(); !read) return read.error().what;
  if (auto read = reader.end(); !read) return read.error().what;
  return {};
}

std::string text_of(std::string json) {
  JsonReader reader(std::as_writable_bytes(std::span(json)));
  const auto text = reader.text();
  return text && reader.end() ? std::string(*text) : "refused";
}

TEST(JsonReader, reads_the_members_of_an_object_in_place) {
  Bytes bytes = Bytes::copy_of(
      R"( { "Version" : 1 , "Key":{"Id":"AKIA","Secret":"a\/b+\u00e9\ud83d\ude00"}, "x":[true,null,-1.5e3] } )");
  bytes.edit([](std::span<std::byte> text) {
    JsonReader reader(text);
    std::int64_t version = 0;
    std::string id;
    std::string secret;
    const auto read = reader.object([&](std::string_view name) -> base::Result<void> {
      if (name == "Version") {
        version = TRY(reader.integer());
        return {};
      }
      if (name != "Key") return reader.skip();
      return reader.object([&](std::string_view inner) -> base::Result<void> {
        const std::string_view value = TRY(reader.text());
        (inner == "Id" ? id : secret) = value;
        return {};
      });
    });
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_TRUE(reader.end());
    EXPECT_EQ(version, 1);
    EXPECT_EQ(id, "AKIA");
    EXPECT_EQ(secret, "a/b+é😀");
  });
}

TEST(JsonReader, undoes_every_escape) {
  EXPECT_EQ(text_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text_of(R"("\u0041\u20ac")"), "A€");
  EXPECT_EQ(text_of(R"("")"), "");
}

TEST(JsonReader, refuses_what_json_does_not_allow_and_never_quotes_it) {
  const std::vector<std::string> bad = {"",
                                        " ",
                                        "{",
                                        "{}x",
                                        "[1,]",
                                        "[,1]",
                                        "{\"a\":1,}",
                                        "{\"a\" 1}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "\"s3cr3t",
                                        "\"\\x\"",
                                        "\"\\u12\"",
                                        "\"\\u000\"",
                                        "\"\\u0000\"",
                                        "\"\\ud800\"",
                                        "\"\\ud800x\"",
                                        "\"\\udc00\"",
                                        "\"\\ud800\\u0041\"",
                                        "01",
                                        "-",
                                        "1.",
                                        "1e",
                                        ".5",
                                        "+1",
                                        "NaN",
                                        "tru",
                                        "nul",
                                        "truex",
                                        "\"s3cr3t\x01\"",
                                        "\"\xff\"",
                                        "\"\xc0\x80\"",
                                        "[1 2]",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\":1,\"\\u0061\":2}",
                                        "//\n1",
                                        "\xEF\xBB\xBF{}"};
  for (const auto& text : bad) {
    const auto said = complaint(text);
    EXPECT_NE(said, "") << text;
    EXPECT_EQ(said.find("s3cr3t"), std::string::npos);
  }
}

TEST(JsonReader, accepts_what_json_allows) {
  for (const auto* text : {"{}", "[]", " null\n", "0", "-0", "1.5E+10", "\"\x7f\"", "[[],{},[{}]]", "false"})
    EXPECT_EQ(complaint(text), "") << text;
}

TEST(JsonReader, depth_is_limited) {
  EXPECT_EQ(complaint(std::string(16, '[') + std::string(16, ']')), "");
  EXPECT_NE(complaint(std::string(17, '[') + std::string(17, ']')), "");
  EXPECT_NE(complaint(std::string(1'000'000, '[')), "");
}

TEST(JsonReader, a_number_that_does_not_fit_is_no_integer) {
  for (std::string text : {"9223372036854775808", "1.0", "1e3", "\"1\""}) {
    JsonReader reader(std::as_writable_bytes(std::span(text)));
    EXPECT_FALSE(reader.integer()) << text;
  }
}

}  // namespace
}  // namespace secret
