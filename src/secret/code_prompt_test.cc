#include "secret/code_prompt.h"

#include "secret/doubles_for_test.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <utility>

namespace secret {
namespace {

/// A prompt between two pipes: what is typed comes in by one, what is shown leaves by the other.
struct Wires {
  explicit Wires(std::string_view typed) {
    EXPECT_EQ(pipe(in), 0);
    EXPECT_EQ(pipe(out), 0);
    EXPECT_EQ(write(in[1], typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    close(in[1]);
  }
  ~Wires() {
    close(in[0]);
    if (out[1] >= 0) close(out[1]);
    close(out[0]);
  }
  std::string shown() {
    close(std::exchange(out[1], -1));
    std::string text(200, '\0');
    const auto count = read(out[0], text.data(), text.size());
    return count < 0 ? "" : text.substr(0, static_cast<std::size_t>(count));
  }
  int in[2] = {-1, -1};
  int out[2] = {-1, -1};
};

TEST(CodePrompt, one_line_of_the_input_is_the_code_and_the_next_one_stays) {
  Wires wires("123456\n654321\n");
  CodePrompt prompt("MFA code: ", wires.in[0], wires.out[1]);
  EXPECT_TRUE(prompt.ready());
  EXPECT_EQ(text_of(*prompt.ask_mfa_code("arn:aws:iam::1:mfa/x")), "123456");
  ASSERT_TRUE(prompt.tell("again"));
  EXPECT_EQ(text_of(*prompt.ask_mfa_code("arn:aws:iam::1:mfa/x")), "654321");
  EXPECT_EQ(wires.shown(), "MFA code: again\nMFA code: ");
}

TEST(CodePrompt, no_line_an_empty_one_and_a_long_one_are_errors) {
  for (const auto& text : {std::string(), std::string("\n"), std::string(500, '1')}) {
    Wires wires(text);
    CodePrompt prompt("MFA code: ", wires.in[0], wires.out[1]);
    EXPECT_FALSE(prompt.ask_mfa_code("device").has_value()) << text.size();
  }
}

}  // namespace
}  // namespace secret
