// Bytes of a terminal to keys, also where they come in pieces or mean harm.
#include "cli/keys.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

std::vector<Key> keys_of(std::string_view bytes) {
  KeyDecoder decoder;
  std::vector<Key> keys;
  for (const auto& press : decoder.feed(bytes)) keys.push_back(press.key);
  return keys;
}

std::string text_of(std::string_view bytes) {
  KeyDecoder decoder;
  std::string text;
  for (const auto& press : decoder.feed(bytes)) text += press.key == Key::text ? "[" + press.text + "]" : "!";
  return text;
}

TEST(Keys, letters_come_one_by_one_in_utf_8) { EXPECT_EQ(text_of("a本🚀 é"), "[a][本][🚀][ ][é]"); }

TEST(Keys, both_forms_of_the_arrows_and_their_like_are_known) {
  EXPECT_EQ(keys_of("\x1b[A\x1bOA\x1b[B\x1bOB"), (std::vector{Key::up, Key::up, Key::down, Key::down}));
  EXPECT_EQ(keys_of("\x1b[5~\x1b[6~"), (std::vector{Key::page_up, Key::page_down}));
  EXPECT_EQ(keys_of("\x1b[H\x1bOH\x1b[1~\x1b[7~"), (std::vector{Key::home, Key::home, Key::home, Key::home}));
  EXPECT_EQ(keys_of("\x1b[F\x1bOF\x1b[4~\x1b[8~"), (std::vector{Key::end, Key::end, Key::end, Key::end}));
  EXPECT_EQ(keys_of("\x0e\x10\r\n\x7f\x08\x15\x17\x04"),
            (std::vector{Key::down, Key::up, Key::enter, Key::enter, Key::backspace, Key::backspace, Key::delete_line,
                         Key::delete_word, Key::end_of_input}));
}

TEST(Keys, what_comes_in_pieces_is_put_together) {
  const std::string whole = "\x1b[5~本\x1b[200~a\x1b[201~z";
  KeyDecoder at_once;
  const auto expected = at_once.feed(whole);
  KeyDecoder in_pieces;
  std::vector<KeyPress> got;
  for (const char byte : whole)
    for (auto& press : in_pieces.feed(std::string_view(&byte, 1))) got.push_back(press);
  EXPECT_EQ(got, expected);
  EXPECT_FALSE(in_pieces.undecided());
}

TEST(Keys, an_escape_alone_is_a_key_once_nothing_follows) {
  KeyDecoder decoder;
  EXPECT_TRUE(decoder.feed("\x1b").empty());
  EXPECT_TRUE(decoder.undecided());
  EXPECT_EQ(decoder.time_over(), (std::vector<KeyPress>{{Key::escape, ""}}));
  EXPECT_FALSE(decoder.undecided());
  EXPECT_TRUE(decoder.time_over().empty());
}

TEST(Keys, sequences_that_nobody_knows_are_passed_over_whole) {
  EXPECT_EQ(text_of("\x1b[1;5Ca\x1b[<0;1;1Mb\x1bOPc"), "[a][b][c]");
  EXPECT_EQ(text_of("\x1b[" + std::string(100, '1') + "x").find('\x1b'), std::string::npos);
}

TEST(Keys, pasted_text_is_one_line_and_presses_no_enter) {
  EXPECT_EQ(text_of("\x1b[200~prod\nadmin\r\x1b[201~"), "[prod admin]");
  EXPECT_EQ(text_of("\x1b[200~a\x1b[A\x03\x1b[201~b"), "[a[A][b]");
  EXPECT_EQ(text_of("\x1b[200~\x1b[201~"), "");
}

TEST(Keys, an_endless_paste_stays_small) {
  KeyDecoder decoder;
  EXPECT_TRUE(decoder.feed("\x1b[200~").empty());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(decoder.feed(std::string(1000, 'x')).empty());
  const auto presses = decoder.feed("\x1b[201~");
  ASSERT_EQ(presses.size(), 1U);
  EXPECT_LE(presses[0].text.size(), 8192U);
}

TEST(Keys, control_characters_and_broken_utf_8_are_no_text) {
  EXPECT_EQ(text_of(std::string("\x01\x02\x00\xff\xc0\x80"
                                "a\xc2\x9b\xe2\x80\xae"
                                "b",
                                13)),
            "[a][b]");
}

}  // namespace
}  // namespace cli
