#include "credentials/process_answer.h"

#include "aws/vectors_for_test.h"
#include "credentials/command_split.h"

#include <gtest/gtest.h>

namespace credentials {
namespace {

const base::Instant kNow = *base::parse_iso8601("2030-01-01T00:00:00Z");

std::string error_of(std::string_view text) {
  const auto read = read_process_answer(secret::Bytes::copy_of(text), kNow);
  return read ? "" : read.error().what;
}

TEST(ProcessAnswer, a_whole_answer_is_read) {
  const auto read = read_process_answer(
      secret::Bytes::copy_of(R"({"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "a\/b", "SessionToken": "t",
        "Expiration": "2030-01-01T01:00:00+00:00", "AccountId": "111122223333", "More": [1, {"x": null}]})"),
      kNow);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->access_key_id, "ASIA");
  EXPECT_TRUE(read->secret_access_key.equals(secret::Bytes::copy_of("a/b")));
  EXPECT_EQ(read->expiration, kNow + std::chrono::hours(1));
  EXPECT_EQ(read->account_id, "111122223333");
}

TEST(ProcessAnswer, null_is_as_good_as_missing_for_what_is_optional) {
  EXPECT_EQ(error_of(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":null,"Expiration":null})"),
            "");
}

TEST(ProcessAnswer, everything_else_is_refused_without_quoting_it) {
  const std::string_view refused[] = {
      "",
      "{}",
      "[]",
      "null",
      R"({"Version":1})",
      R"({"Version":1,"AccessKeyId":"A"})",
      R"({"AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":"1","AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":1.0,"AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":NaN,"AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":99999999999999999999,"AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":1,"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY"})",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY"} x)",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY\nX"})",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY\u0000"})",
      R"({"Version":1,"AccessKeyId":"A\u001b[2J","SecretAccessKey":"CANARY"})",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY","Expiration":"soon"})",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY","Expiration":"2030-01-01T00:00:00"})",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"CANARY","Expiration":"2029-12-31T23:59:59Z"})",
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":["CANARY"]})",
  };
  for (const auto text : refused) {
    const std::string error = error_of(text);
    EXPECT_NE(error, "") << text;
    EXPECT_EQ(error.find("CANARY"), std::string::npos) << text;
  }
  EXPECT_NE(error_of(std::string(2000, '[')), "");
}

TEST(CommandSplit, splits_as_the_aws_cli_does) {
  if (!aws::vectors_present()) GTEST_SKIP();
  const std::string name = "derived/credential-process-command-split.json";
  std::size_t unix_cases = 0;
  std::size_t windows_cases = 0;
  const auto vectors = aws::vector_json(name);
  for (const auto& item : vectors.at("cases")) {
    if (item.at("platform") == "windows") {
      ++windows_cases;
      continue;
    }
    ++unix_cases;
    const auto words = split_command(item.at("input").get<std::string>());
    if (item.contains("error"))
      EXPECT_FALSE(words) << item;
    else
      EXPECT_EQ(words.value_or(std::vector<std::string>{"?"}), item.at("argv").get<std::vector<std::string>>()) << item;
  }
  std::printf("vectors: %s: %zu cases are of Windows and do not apply\n", name.c_str(), windows_cases);
  aws::vectors_ran(name, unix_cases + windows_cases, 38);
}

}  // namespace
}  // namespace credentials
