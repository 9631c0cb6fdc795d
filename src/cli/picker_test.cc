// The list as a person meets it: keys in, rows and lines out, in windows of every size.
#include "cli/picker.h"

#include "cli/columns.h"

#include <gtest/gtest.h>

#include <chrono>

namespace cli {
namespace {

std::vector<PickerCells> few() {
  return {{"prod-admin", "workloads 222222222222", "Admin", "eu-west-1", "42m"},
          {"dev", "people 111111111111", "ReadOnly", "us-east-1", ""},
          {"prod", "workloads 222222222222", "ReadOnly", "", ""},
          {"本番", "people 111111111111", "Billing", "ap-northeast-1", "1h"}};
}

Picker picker_of(std::vector<PickerCells> rows) {
  const auto count = rows.size();
  return {count, [rows = std::move(rows)](std::size_t row) { return rows[row]; }};
}

void type(Picker& picker, const std::string& text) {
  for (const char c : text) picker.press({Key::text, std::string(1, c)});
}

void press(Picker& picker, Key key, int times = 1) {
  for (int i = 0; i < times; ++i) picker.press({key, ""});
}

TEST(Picker, enter_takes_the_first_row_where_nothing_is_typed) {
  auto picker = picker_of(few());
  press(picker, Key::enter);
  EXPECT_EQ(picker.state(), Picker::State::chosen);
  EXPECT_EQ(picker.selected(), 0U);
}

TEST(Picker, the_name_that_is_typed_whole_comes_before_those_that_only_begin_with_it) {
  auto picker = picker_of(few());
  type(picker, "prod");
  EXPECT_EQ(picker.matches(), (std::vector<std::size_t>{2, 0}));
}

TEST(Picker, several_words_must_all_fit_in_any_column) {
  auto picker = picker_of(few());
  type(picker, "people read");
  EXPECT_EQ(picker.matches(), (std::vector<std::size_t>{1}));
  press(picker, Key::delete_word);
  EXPECT_EQ(picker.query(), "people ");
  EXPECT_EQ(picker.matches().size(), 2U);
  press(picker, Key::delete_line);
  EXPECT_EQ(picker.matches().size(), 4U);
}

TEST(Picker, letters_in_order_are_enough) {
  auto picker = picker_of(few());
  type(picker, "pdadm");
  EXPECT_EQ(picker.matches(), (std::vector<std::size_t>{0}));
}

TEST(Picker, the_order_of_the_rows_decides_between_equal_fits) {
  auto picker = picker_of({{"b-one"}, {"a-one"}, {"c-one"}});
  type(picker, "one");
  EXPECT_EQ(picker.matches(), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Picker, where_nothing_fits_enter_does_nothing_and_backspace_brings_the_rows_back) {
  auto picker = picker_of(few());
  type(picker, "zzz");
  press(picker, Key::enter);
  EXPECT_EQ(picker.state(), Picker::State::choosing);
  EXPECT_EQ(picker.selected(), std::nullopt);
  EXPECT_EQ(picker.frame().lines.back(), "  nothing fits");
  press(picker, Key::backspace, 3);
  EXPECT_EQ(picker.matches().size(), 4U);
  press(picker, Key::backspace);
}

TEST(Picker, backspace_takes_a_whole_character) {
  auto picker = picker_of(few());
  picker.press({Key::text, "本"});
  EXPECT_EQ(picker.matches(), (std::vector<std::size_t>{3}));
  press(picker, Key::backspace);
  EXPECT_EQ(picker.query(), "");
}

TEST(Picker, escape_and_the_end_of_input_choose_nothing) {
  auto escaped = picker_of(few());
  press(escaped, Key::escape);
  EXPECT_EQ(escaped.state(), Picker::State::cancelled);
  auto typed = picker_of(few());
  type(typed, "p");
  press(typed, Key::end_of_input);
  EXPECT_EQ(typed.state(), Picker::State::choosing);
  press(typed, Key::backspace);
  press(typed, Key::end_of_input);
  EXPECT_EQ(typed.state(), Picker::State::cancelled);
}

std::vector<PickerCells> many(std::size_t count) {
  std::vector<PickerCells> rows(count);
  for (std::size_t i = 0; i < count; ++i) rows[i][0] = "team-" + std::to_string(i);
  return rows;
}

TEST(Picker, the_selected_row_is_always_in_the_window) {
  auto picker = picker_of(many(100));
  picker.resize({10, 40});
  press(picker, Key::down, 30);
  EXPECT_EQ(picker.selected(), 30U);
  auto frame = picker.frame();
  EXPECT_EQ(frame.lines[*frame.selected_line], "> team-30");
  press(picker, Key::end);
  EXPECT_EQ(picker.selected(), 99U);
  press(picker, Key::down);
  EXPECT_EQ(picker.selected(), 99U);
  press(picker, Key::page_up);
  EXPECT_EQ(picker.selected(), 92U);
  press(picker, Key::home);
  EXPECT_EQ(picker.selected(), 0U);
  press(picker, Key::up);
  EXPECT_EQ(picker.selected(), 0U);
  press(picker, Key::page_down);
  EXPECT_EQ(picker.selected(), 7U);
  for (const std::size_t rows : {1U, 2U, 3U, 4U, 5U, 8U, 200U}) {
    picker.resize({rows, 40});
    frame = picker.frame();
    ASSERT_TRUE(frame.selected_line.has_value());
    EXPECT_EQ(frame.lines[*frame.selected_line], "> team-7");
  }
}

TEST(Picker, a_frame_fits_every_window) {
  auto rows = few();
  rows.push_back({std::string(200, 'n'), std::string(300, 'a'), "本番環境本番環境本番環境", "eu-west-1", "1h"});
  for (std::size_t height = 2; height < 30; ++height) {
    for (std::size_t width = 2; width < 120; width += 3) {
      auto picker = picker_of(rows);
      picker.resize({height, width});
      type(picker, "o");
      const auto frame = picker.frame();
      EXPECT_LE(frame.lines.size(), height);
      EXPECT_LT(frame.cursor_column, width);
      for (const auto& line : frame.lines) EXPECT_LT(columns(line), width) << line;
    }
  }
}

TEST(Picker, a_wide_window_shows_every_column_and_a_narrow_one_the_name) {
  auto picker = picker_of(few());
  picker.resize({24, 100});
  const auto wide = picker.frame();
  EXPECT_EQ(wide.lines[1], "  PROFILE     ACCOUNT                 ROLE      REGION          LEFT");
  EXPECT_EQ(wide.lines[2], "> prod-admin  workloads 222222222222  Admin     eu-west-1       42m");
  EXPECT_EQ(wide.lines[5], "  本番        people 111111111111     Billing   ap-northeast-1  1h");
  EXPECT_TRUE(wide.lines[0].starts_with("profile: "));
  EXPECT_TRUE(wide.lines[0].ends_with(" 4/4"));
  EXPECT_EQ(wide.cursor_column, 9U);
  picker.resize({24, 16});
  EXPECT_TRUE(picker.frame().lines[2].starts_with("> prod-"));
}

TEST(Picker, the_end_of_a_long_query_stays_in_sight) {
  auto picker = picker_of(few());
  picker.resize({24, 30});
  type(picker, std::string(60, 'x') + "END");
  const auto frame = picker.frame();
  EXPECT_NE(frame.lines[0].find("xEND"), std::string::npos);
  EXPECT_EQ(frame.cursor_column, 28U);
}

TEST(Picker, an_empty_list_has_nothing_to_take) {
  auto picker = picker_of({});
  for (const Key key : {Key::up, Key::down, Key::page_up, Key::page_down, Key::home, Key::end, Key::enter})
    press(picker, key);
  type(picker, "x");
  EXPECT_EQ(picker.state(), Picker::State::choosing);
  EXPECT_EQ(picker.frame().lines.size(), 3U);
}

TEST(Picker, only_rows_in_sight_are_looked_at_until_something_is_typed) {
  std::size_t asked = 0;
  Picker picker(10'000, [&](std::size_t row) {
    ++asked;
    return PickerCells{"team-" + std::to_string(row)};
  });
  picker.resize({24, 80});
  (void)picker.frame();
  EXPECT_LE(asked, 24U);
  type(picker, "t");
  EXPECT_EQ(asked, 10'000U);
}

TEST(Picker, a_query_has_an_end) {
  auto picker = picker_of(few());
  type(picker, std::string(5'000, 'a'));
  EXPECT_LE(picker.query().size(), 256U);
}

}  // namespace
}  // namespace cli
