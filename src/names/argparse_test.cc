#include "names/argparse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace names {
namespace {

struct Parsed {
  bool force = false;
  std::optional<std::string> token, level, exec;
  std::optional<std::int64_t> duration;
  std::vector<std::string> command;
  std::string error;
};

enum class Rest { taken, none };

Parsed parse(std::vector<const char*> words, Beginnings beginnings = Beginnings::taken, Rest rest = Rest::none) {
  Parsed out;
  PythonArguments arguments("tool", beginnings);
  arguments.flag("--force", out.force);
  arguments.text("--token,--mfa-token", "TOKEN", out.token);
  arguments.choice("--level", {"LOW", "HIGH"}, out.level);
  arguments.text("--exec", "EXEC", out.exec);
  arguments.number("--duration", "DURATION", out.duration);
  arguments.exclusive({"--force", "--exec"});
  if (rest == Rest::taken) arguments.rest("command", out.command);
  if (const auto done = arguments.parse(words); !done) out.error = arguments.complaint(done.error());
  return out;
}

std::string said(const Parsed& parsed) {
  const auto at = parsed.error.find("\ntool: error: ");
  return at == std::string::npos ? parsed.error : parsed.error.substr(at + 14);
}

TEST(Argparse, options_stand_in_both_forms_and_under_all_their_names) {
  const auto parsed = parse({"--duration", "900", "--mfa-token=123456", "--force"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.duration, 900);
  EXPECT_EQ(parsed.token, "123456");
  EXPECT_TRUE(parsed.force);
}

TEST(Argparse, a_beginning_of_a_name_does_where_the_tool_allows_it) {
  EXPECT_EQ(parse({"--tok", "1"}).token, "1");
  EXPECT_EQ(said(parse({"--tok", "1"}, Beginnings::refused)), "unrecognized arguments: --tok 1");
  EXPECT_EQ(said(parse({"--"})), "unrecognized arguments: --");
}

TEST(Argparse, everything_from_the_first_other_word_is_the_command_s) {
  EXPECT_EQ(parse({"--force", "ls", "--token", "x"}, Beginnings::refused, Rest::taken).command,
            (std::vector<std::string>{"ls", "--token", "x"}));
  EXPECT_EQ(parse({"--force", "--", "ls", "--", "x"}, Beginnings::refused, Rest::taken).command,
            (std::vector<std::string>{"ls", "--", "x"}));
}

TEST(Argparse, errors_have_its_words) {
  EXPECT_EQ(said(parse({"--duration", "soon"})), "argument --duration: invalid int value: 'soon'");
  EXPECT_EQ(said(parse({"--duration"})), "argument --duration: expected one argument");
  EXPECT_EQ(said(parse({"--token", "--force"})), "argument --token/--mfa-token: expected one argument");
  EXPECT_EQ(said(parse({"--level", "MID"})), "argument --level: invalid choice: 'MID' (choose from 'LOW', 'HIGH')");
  EXPECT_EQ(said(parse({"--exec", "x", "--force"})), "argument --force: not allowed with argument --exec");
  EXPECT_EQ(said(parse({"--force=1"})), "argument --force: ignored explicit argument '1'");
  EXPECT_EQ(said(parse({"--no-such", "x"})), "unrecognized arguments: --no-such x");
  EXPECT_EQ(parse({"--x"}).error.substr(0, 37), "usage: tool [--force] [--token TOKEN]");
}

TEST(Argparse, a_negative_number_is_a_value) { EXPECT_EQ(parse({"--duration", "-5"}).duration, -5); }

}  // namespace
}  // namespace names
