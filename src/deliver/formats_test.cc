// Each format is given to its own reader: bash, dash, zsh, fish, python-dotenv. What comes back must be the very bytes.
#include "deliver/formats.h"

#include "base/clock.h"
#include "base/file.h"
#include "deliver/quoting.h"
#include "deliver/shells_for_test.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace deliver {
namespace {

aws::Credentials with_secret(const std::string& secret) {
  return {"ASIAEXAMPLE", secret::Bytes::copy_of(secret), secret::Bytes::copy_of("token"),
          base::Instant{std::chrono::seconds{1'672'531'200}}, ""};
}

std::string text(Format format, const aws::Credentials& credentials, const Recipient& recipient = {"", ""}) {
  const auto written = text_of(format, credentials, recipient);
  EXPECT_TRUE(written.has_value());
  return written ? written->reveal_text([](std::string_view t) { return std::string(t); }) : "";
}

/// The lines of 13 evals in one shell: what each value came back as, each ended by a NUL-free marker.
void expect_shell_gives_back(const std::string& shell, Format format, const std::string& print_one) {
  if (missing(shell)) GTEST_SKIP() << shell << " is not installed: its quoting is not proven here";
  for (const auto& value : kHostile) {
    const Scratch scratch;
    const std::string script = text(format, with_secret(value), {"p", "eu-west-1"}) + print_one;
    EXPECT_EQ(run({shell, scratch.file(script)}), value) << shell;
    EXPECT_FALSE(scratch.canary()) << shell << " ran a command of: " << value;
  }
}

/// As a user does it: eval "$(…)".
void expect_eval_gives_back(const std::string& shell) {
  if (missing(shell)) GTEST_SKIP() << shell << " is not installed: its quoting is not proven here";
  for (const auto& value : kHostile) {
    const Scratch scratch;
    const std::string file = scratch.file(text(Format::env, with_secret(value), {"p", "eu-west-1"}));
    const std::string script = "eval \"$(cat '" + file + "')\"; printf %s \"$AWS_SECRET_ACCESS_KEY\"";
    EXPECT_EQ(run({shell, "-c", script}), value) << shell;
    EXPECT_FALSE(scratch.canary()) << shell << " ran a command of: " << value;
  }
}

constexpr char kPrintPosix[] = "printf %s \"$AWS_SECRET_ACCESS_KEY\"\n";

TEST(Env, bash_gives_back_13_hostile_values) { expect_shell_gives_back("/usr/bin/bash", Format::env, kPrintPosix); }
TEST(Env, dash_gives_back_13_hostile_values) { expect_shell_gives_back("/usr/bin/dash", Format::env, kPrintPosix); }
TEST(Env, zsh_gives_back_13_hostile_values) { expect_shell_gives_back("/usr/bin/zsh", Format::env, kPrintPosix); }
TEST(Env, bash_evals_13_hostile_values) { expect_eval_gives_back("/usr/bin/bash"); }
TEST(Env, dash_evals_13_hostile_values) { expect_eval_gives_back("/usr/bin/dash"); }
TEST(Env, zsh_evals_13_hostile_values) { expect_eval_gives_back("/usr/bin/zsh"); }
TEST(EnvNoExport, bash_gives_back_13_hostile_values) {
  expect_shell_gives_back("/usr/bin/bash", Format::env_no_export, kPrintPosix);
}
TEST(EnvNoExport, dash_gives_back_13_hostile_values) {
  expect_shell_gives_back("/usr/bin/dash", Format::env_no_export, kPrintPosix);
}
TEST(EnvNoExport, zsh_gives_back_13_hostile_values) {
  expect_shell_gives_back("/usr/bin/zsh", Format::env_no_export, kPrintPosix);
}
TEST(Fish, fish_gives_back_13_hostile_values) {
  expect_shell_gives_back("/usr/bin/fish", Format::fish, "printf %s \"$AWS_SECRET_ACCESS_KEY\"\n");
}

TEST(Env, the_shell_test_catches_a_writer_that_does_not_quote) {
  const Scratch scratch;
  run({"/bin/sh", scratch.file("X=$(touch canary)\n")});
  EXPECT_TRUE(scratch.canary());
}

TEST(Dotenv, python_dotenv_gives_back_every_value_that_is_not_refused) {
  const std::string python = std::string(KABUTO_SOURCE_DIR) + "/.venv/bin/python";
  if (missing(python)) GTEST_SKIP() << python << " is not there: the .env form is not proven here";
  std::size_t read_back = 0;
  for (const auto& value : kHostile) {
    const auto written = text_of(Format::dotenv, with_secret(value), {"p", ""});
    if (!written) {
      EXPECT_EQ(written.error().kind, base::ErrorKind::refused);
      continue;
    }
    const Scratch scratch;
    const std::string file = scratch.file(text(Format::dotenv, with_secret(value)));
    EXPECT_EQ(run({python, "-c",
                   "import dotenv,sys;sys.stdout.buffer.write(dotenv.dotenv_values(sys.argv[1])"
                   "['AWS_SECRET_ACCESS_KEY'].encode())",
                   file}),
              value);
    ++read_back;
  }
  EXPECT_GE(read_back, 9u);
}

TEST(Ini, python_configparser_and_the_grammar_of_awss_files_keep_a_value_or_it_is_refused) {
  for (const auto& value : {std::string(" a"), std::string("a "), std::string("a #b"), std::string("a ;b")})
    EXPECT_FALSE(text_of(Format::ini, with_secret(value), {"p", ""}).has_value()) << value;
  EXPECT_EQ(text(Format::ini, with_secret("s=#/+"), {"dev", "eu-west-1"}),
            "[dev]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = s=#/+\naws_session_token = token\n"
            "aws_credential_expiration = 2023-01-01T00:00:00Z\nregion = eu-west-1\n");
  EXPECT_FALSE(text_of(Format::ini, with_secret("s"), {"a]b", ""}).has_value());
}

TEST(Powershell, hostile_values_stand_in_single_quotes_with_every_kind_of_quote_doubled) {
  // Golden text: PowerShell is not packaged for Debian.
  EXPECT_NE(text(Format::powershell, with_secret("it's $x `y \u2019"))
                .find("\n$Env:AWS_SECRET_ACCESS_KEY='it''s $x `y "
                      "\u2019\u2019'\n"),
            std::string::npos);
}

TEST(Cmd, what_cmd_cannot_write_is_refused_and_the_rest_is_quoted) {
  for (const auto& value : {std::string("50%"), std::string("a!b"), std::string("a\"b")})
    EXPECT_FALSE(text_of(Format::cmd, with_secret(value), {"p", ""}).has_value()) << value;
  EXPECT_NE(text(Format::cmd, with_secret("a&b^c")).find("\nset \"AWS_SECRET_ACCESS_KEY=a&b^c\"\n"), std::string::npos);
}

TEST(Json, process_and_json_parse_to_the_same_bytes_or_are_refused) {
  for (const auto& value : kHostile) {
    for (const auto format : {Format::json, Format::process}) {
      const auto parsed = nlohmann::json::parse(text(format, with_secret(value), {"dev", ""}));
      EXPECT_EQ(parsed["Version"], 1);
      EXPECT_EQ(parsed["SecretAccessKey"], value);
    }
  }
  EXPECT_FALSE(text_of(Format::json, with_secret("\xff\xfe"), {"p", ""}).has_value());
}

TEST(Json, the_json_form_has_every_field_and_the_process_form_leaves_out_what_is_not_there) {
  const aws::Credentials credentials{"AKIAEXAMPLE", secret::Bytes::copy_of("s"), {}, std::nullopt, ""};
  const auto full = nlohmann::json::parse(text(Format::json, credentials, {"dev", ""}));
  EXPECT_TRUE(full.contains("SessionToken") && full["SessionToken"].is_null());
  EXPECT_TRUE(full.contains("Expiration") && full["Expiration"].is_null());
  EXPECT_TRUE(full.contains("Region") && full["Region"].is_null());
  EXPECT_EQ(full["Profile"], "dev");
  const auto process = nlohmann::json::parse(text(Format::process, credentials, {"dev", ""}));
  EXPECT_EQ(process.size(), 3u);
}

TEST(Formats, line_ends_and_nul_are_refused_in_every_format_and_not_shown) {
  for (const auto name : format_names()) {
    for (const std::string& bad : {std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
      const auto written = text_of(*format_named(name), with_secret(bad), {"p", ""});
      ASSERT_FALSE(written.has_value()) << name;
      EXPECT_EQ(written.error().kind, base::ErrorKind::refused);
      EXPECT_EQ(written.error().what.find(bad), std::string::npos);
    }
  }
}

TEST(Formats, the_aws_clis_own_output_is_reproduced) {
  const auto file =
      base::read_file(std::string(KABUTO_VECTORS_DIR) + "/derived/export-credentials-formats.json", 1 << 20);
  if (!file || !*file) {
    const char* const ci = std::getenv("CI");
    if (ci != nullptr && std::string_view(ci) == "true") FAIL() << "the vectors are missing";
    GTEST_SKIP() << "the vectors are missing";
  }
  const auto vectors = nlohmann::json::parse(**file);
  const aws::Credentials fixed{"access_key", secret::Bytes::copy_of("secret_key"), {}, std::nullopt, ""};
  const aws::Credentials session{"access_key", secret::Bytes::copy_of("secret_key"), secret::Bytes::copy_of("token"),
                                 base::Instant{std::chrono::seconds{1'672'531'200}}, ""};
  std::size_t count = 0;
  for (const auto& one : vectors["cases"]) {
    const auto format = format_named(one["format"].get<std::string>());
    ASSERT_TRUE(format.has_value()) << one["format"];
    for (const auto& [key, credentials] : {std::pair("static", &fixed), std::pair("temporary", &session)}) {
      if (one["compare"] == "exact")
        EXPECT_EQ(text(*format, *credentials), one[key].get<std::string>());
      else
        EXPECT_EQ(nlohmann::json::parse(text(*format, *credentials)),
                  nlohmann::json::parse(one[key].get<std::string>()));
    }
    ++count;
  }
  EXPECT_EQ(count, 7u);
  RecordProperty("vectors", static_cast<int>(count));
}

}  // namespace
}  // namespace deliver
