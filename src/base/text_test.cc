#include "base/text.h"

#include "base/result.h"

#include <gtest/gtest.h>

using namespace std::string_literals;

TEST(Text, trims_only_what_it_says) {
  EXPECT_EQ(base::trim(" \ta b\t "), "a b");
  EXPECT_EQ(base::trim("\na\n"), "\na\n");
  EXPECT_EQ(base::trim(" \t"), "");
  EXPECT_EQ(base::trim_lines("\r\n a \n"), "a");
}

TEST(Text, splits_with_empty_parts) {
  EXPECT_EQ(base::split("", ',').size(), 1U);
  EXPECT_EQ(base::split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(base::join({"a", "", "b"}, "-"), "a--b");
}

TEST(Text, compares_ascii_without_case) {
  EXPECT_TRUE(base::equals_ignoring_case("Content-Type", "content-tYPE"));
  EXPECT_FALSE(base::equals_ignoring_case("a", "ab"));
  EXPECT_EQ(base::lower_ascii("ÄBC"), "Äbc");
}

TEST(Text, reads_whole_integers_only) {
  EXPECT_EQ(base::parse_integer("-12"), -12);
  EXPECT_EQ(base::parse_integer("9223372036854775807"), INT64_MAX);
  for (const auto* text : {"", "-", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "--1"})
    EXPECT_EQ(base::parse_integer(text), std::nullopt) << text;
}

TEST(Text, hex_goes_both_ways) {
  const auto bytes = base::from_hex("00ffA5");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(base::hex(*bytes), "00ffa5");
  for (const auto* text : {"0", "0g", "-1", "+1", " 1", "0x"}) EXPECT_FALSE(base::from_hex(text)) << text;
}

TEST(Text, percent_encodes_all_but_the_unreserved) {
  EXPECT_EQ(base::percent_encode("aZ9-_.~"), "aZ9-_.~");
  EXPECT_EQ(base::percent_encode("a b/ü\n"), "a%20b%2F%C3%BC%0A");
  EXPECT_EQ(base::percent_encode("a/b", "/"), "a/b");
}

TEST(Text, percent_decodes_escapes_and_refuses_broken_ones) {
  EXPECT_EQ(base::percent_decode("a%20b%2f%C3%BC+~"), "a b/ü+~");
  EXPECT_EQ(base::percent_decode(""), "");
  for (const auto* text : {"%", "a%2", "%%20", "%zz", "%2", "%+1"}) EXPECT_FALSE(base::percent_decode(text)) << text;
}

TEST(Text, knows_utf8) {
  EXPECT_TRUE(base::is_valid_utf8("aé兜😀"));
  for (const auto& text :
       {"\xC0\xAF"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xE5\x85"s, "\x80"s, "\xFF"s, "\xF8\x88\x80\x80\x80"s})
    EXPECT_FALSE(base::is_valid_utf8(text));
}

TEST(Text, nothing_that_drives_a_terminal_survives) {
  EXPECT_EQ(base::printable("kabuto 兜 é"), "kabuto 兜 é");
  EXPECT_EQ(base::printable("\x1b[31mred"), "\\u{1b}[31mred");
  EXPECT_EQ(base::printable("a\r\n\tb"), "a\\u{d}\\u{a}\\u{9}b");
  EXPECT_EQ(base::printable("\xC2\x9B"
                            "31m"),
            "\\u{9b}31m");  // C1: CSI in one character
  EXPECT_EQ(base::printable("\x9B"
                            "31m"),
            "\\x9b31m");  // the same as a lone byte
  EXPECT_EQ(base::printable("\xE2\x80\xAE"
                            "txt.exe"),
            "\\u{202e}txt.exe");  // right-to-left override
  EXPECT_EQ(base::printable("\xE2\x81\xA6"), "\\u{2066}");
  EXPECT_EQ(base::printable("\x7F"), "\\u{7f}");
  EXPECT_EQ(base::printable("a\0b"s), "a\\u{0}b");
}

TEST(Text, long_text_of_others_is_cut) {
  EXPECT_EQ(base::printable(std::string(400, 'a')), std::string(300, 'a') + "…");
  EXPECT_EQ(base::printable("aaé", 3), "aa…");
  EXPECT_EQ(base::printable("aaa", 3), "aaa");
}

TEST(Text, wildcards_match_as_aws_says) {
  EXPECT_TRUE(base::matches_wildcard("arn:aws:iam::*:role/dev-?", "arn:aws:iam::111122223333:role/dev-1"));
  EXPECT_TRUE(base::matches_wildcard("*", ""));
  EXPECT_TRUE(base::matches_wildcard("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(base::matches_wildcard("a*b", "aXbY"));
  EXPECT_FALSE(base::matches_wildcard("?", ""));
  EXPECT_FALSE(base::matches_wildcard("A", "a"));
  EXPECT_FALSE(base::matches_wildcard("*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST(Result, every_kind_has_its_exit_code) {
  using base::ErrorKind;
  EXPECT_EQ(base::exit_code(ErrorKind::failure), 1);
  EXPECT_EQ(base::exit_code(ErrorKind::usage), 2);
  EXPECT_EQ(base::exit_code(ErrorKind::sign_in_needed), 3);
  EXPECT_EQ(base::exit_code(ErrorKind::denied), 4);
  EXPECT_EQ(base::exit_code(ErrorKind::mfa_rejected), 4);
  EXPECT_EQ(base::exit_code(ErrorKind::not_found), 5);
  EXPECT_EQ(base::exit_code(ErrorKind::unreachable), 6);
  EXPECT_EQ(base::exit_code(ErrorKind::store_damaged), 7);
  EXPECT_EQ(base::exit_code(ErrorKind::store_locked), 7);
  EXPECT_EQ(base::exit_code(ErrorKind::refused), 8);
}

TEST(Result, try_hands_the_error_up_with_its_hint) {
  const auto outer = []() -> base::Result<int> {
    const int value = TRY(base::Result<int>(base::fail(base::ErrorKind::denied, "no", "run x")));
    return value + 1;
  };
  const auto result = outer();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().hint, "run x");
  EXPECT_EQ(base::with_context(result.error(), "do it").what, "do it: no");
}
