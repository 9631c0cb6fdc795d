#include "aws/container.h"

#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"
#include "base/own_directory_for_test.h"

#include <fstream>

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;

constexpr char kReply[] =
    R"({"AccessKeyId":"ASIARTESTID000000001","SecretAccessKey":"container-secret","Token":"container-token",)"
    R"("Expiration":"2030-01-01T06:00:00Z","RoleArn":"arn:aws:iam::111122223333:role/x","AccountId":"111122223333"})";

/// A view of `entries`, which must outlive it.
base::Environment environment_of(const std::vector<std::string>& entries) {
  return base::Environment::of_entries({entries.begin(), entries.end()});
}

TEST(Container, its_endpoint_is_found_as_the_sdk_vectors_say) {
  if (!vectors_present()) GTEST_SKIP();
  const std::string name = "smithy-rs-aws-config/ecs-tests.json";
  std::size_t ran = 0;
  const auto vectors = vector_json(name);
  for (const auto& test : vectors["tests"]) {
    std::vector<std::string> entries;
    for (const auto& [key, value] : test["env"].items()) entries.push_back(key + "=" + value.get<std::string>());
    const auto found = container_endpoint(environment_of(entries));
    if (test["result"].contains("Ok")) {
      ASSERT_TRUE(found && *found) << test["docs"];
      EXPECT_EQ((*found)->url, test["result"]["Ok"].get<std::string>());
    } else {
      EXPECT_FALSE(found && *found) << test["docs"];
    }
    ++ran;
  }
  vectors_ran(name, ran, 11);
}

TEST(Container, a_full_uri_may_name_only_the_hosts_of_the_vectors) {
  if (!vectors_present()) GTEST_SKIP();
  const std::string name = "derived/container-full-uri-hosts.json";
  std::size_t ran = 0;
  const auto vectors = vector_json(name);
  for (const auto& test : vectors["cases"]) {
    const std::string entry = "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + test["uri"].get<std::string>();
    const auto found = container_endpoint(environment_of({entry}));
    EXPECT_EQ(found.has_value(), test["allowed"].get<bool>()) << entry;
    if (!found) {
      EXPECT_EQ(found.error().kind, ErrorKind::refused);
      EXPECT_NE(found.error().what.find("AWS_CONTAINER_CREDENTIALS_FULL_URI"), std::string::npos);
    }
    ++ran;
  }
  vectors_ran(name, ran, 15);
}

TEST(Container, a_relative_uri_cannot_leave_the_tasks_address) {
  for (const auto* uri : {"@evil.example/x", ".evil.example/x", ":80@evil.example/", "//x y", "/a#b", "/a\\b"})
    EXPECT_FALSE(container_endpoint(environment_of({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=" + std::string(uri)})))
        << uri;
}

TEST(Container, credentials_are_asked_for_with_the_token_and_read) {
  Bench bench;
  bench.http.then(200, kReply);
  const auto endpoint = *container_endpoint({"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials",
                                             "AWS_CONTAINER_AUTHORIZATION_TOKEN=Bearer abc"});
  const auto got = container_credentials(bench.http, bench.clock, *endpoint, secret::Bytes::copy_of("Bearer abc"));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->access_key_id, "ASIARTESTID000000001");
  EXPECT_EQ(text_of(got->secret_access_key), "container-secret");
  EXPECT_EQ(text_of(got->session_token), "container-token");
  EXPECT_EQ(got->account_id, "111122223333");
  EXPECT_EQ(*got->expiration, *base::parse_iso8601("2030-01-01T06:00:00Z"));
  const auto& sent = bench.http.sent.at(0);
  EXPECT_EQ(sent.method, "GET");
  EXPECT_EQ(sent.url, "http://169.254.170.23/v1/credentials");
  EXPECT_EQ(sent.secret_headers.at("Authorization"), "Bearer abc");
  EXPECT_EQ(sent.total, Duration(2000));
  EXPECT_EQ(sent.plain, http::PlainHttp::metadata);
}

TEST(Container, the_token_file_comes_first_is_read_anew_and_may_hold_no_line_end) {
  const base::OwnDirectory directory;
  const std::string path = directory.path() + "/token";
  const std::string file_entry = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=" + path;
  const base::Environment environment{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c",
                                      "AWS_CONTAINER_AUTHORIZATION_TOKEN=other", file_entry};
  const auto endpoint = *container_endpoint(environment);
  EXPECT_EQ(container_token(*endpoint, environment).error().kind, ErrorKind::not_found);
  const auto write = [&](std::string_view text) { std::ofstream(path) << text; };
  write("first");
  EXPECT_EQ(text_of(*container_token(*endpoint, environment)), "first");
  write("second");
  EXPECT_EQ(text_of(*container_token(*endpoint, environment)), "second");
  for (const auto* bad : {"token\n", "to\rken", ""}) {
    write(bad);
    const auto token = container_token(*endpoint, environment);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().kind, ErrorKind::refused);
    EXPECT_EQ(token.error().what.find("token\n"), std::string::npos);
  }
}

base::Error refused_with(Bench& bench) {
  const ContainerEndpoint endpoint{"http://127.0.0.1:1/c", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "", ""};
  const auto token = secret::Bytes::copy_of("CONTAINER-TOKEN-CANARY-0123456789");
  const auto got = container_credentials(bench.http, bench.clock, endpoint, token);
  EXPECT_FALSE(got);
  return got ? base::Error() : got.error();
}

TEST(Container, no_error_shows_the_token_wherever_the_endpoint_says_it) {
  const std::vector<std::string> bodies = {R"({"Code":"xCONTAINER-TOKEN-CANARY-0123456789"})",
                                           R"({"Code":"Refused","Message":"by CONTAINER-TOKEN-CANARY-0123456789"})"};
  for (const int status : {200, 403})
    for (const std::string& body : bodies) {
      Bench bench;
      bench.http.then(status, body);
      EXPECT_EQ(refused_with(bench).what.find("CANARY"), std::string::npos) << status << body;
    }
}

TEST(Container, three_attempts_a_second_apart_are_made_where_another_may_help) {
  Bench bench;
  bench.http.then(ErrorKind::unreachable, "cut short");
  bench.http.then(503, "");
  bench.http.then(500, "");
  EXPECT_EQ(refused_with(bench).kind, ErrorKind::unreachable);
  EXPECT_EQ(bench.http.sent.size(), 3U);
  EXPECT_EQ(bench.clock.slept, (std::vector<Duration>{Duration(1000), Duration(1000)}));
}

TEST(Container, a_refusal_is_final_and_says_who_refused_but_not_the_token) {
  Bench bench;
  bench.http.then(403, R"({"code":"AccessDenied","message":"no CONTAINER-TOKEN-CANARY-0123456789"})");
  const auto error = refused_with(bench);
  EXPECT_EQ(error.kind, ErrorKind::denied);
  EXPECT_NE(error.what.find("AWS_CONTAINER_CREDENTIALS_FULL_URI"), std::string::npos);
  EXPECT_EQ(error.what.find("CANARY"), std::string::npos);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Container, a_redirect_is_not_followed) {
  Bench bench;
  bench.http.then(302, "", {{"Location", "http://127.0.0.1:2/"}});
  EXPECT_EQ(refused_with(bench).kind, ErrorKind::failure);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Container, a_reply_that_lacks_something_gives_no_credentials) {
  for (const std::string member : {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}) {
    Bench bench;
    std::string body = kReply;
    body.replace(body.find("\"" + member + "\""), member.size() + 2, "\"x\"");
    bench.http.then(200, body);
    EXPECT_NE(refused_with(bench).what.find(member + " is missing"), std::string::npos);
  }
  for (const auto* body : {"", "not json", "[]", "{\"AccessKeyId\":5}", R"({"Token":"a","token":"b"})"}) {
    Bench bench;
    bench.http.then(200, body);
    EXPECT_EQ(refused_with(bench).kind, ErrorKind::failure) << body;
  }
}

}  // namespace
}  // namespace aws
