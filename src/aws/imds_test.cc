#include "aws/imds.h"

#include "aws/metadata_reply.h"
#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kToken[] = "IMDS-TOKEN-CANARY-0123456789==";
constexpr char kReply[] =
    R"({"Code":"Success","LastUpdated":"2030-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIARTESTID000000002",)"
    R"("SecretAccessKey":"instance-secret","Token":"instance-token","Expiration":"2030-01-01T06:00:00Z"})";

/// A metadata service as a test scripts it, with the settings that its environment and profile say.
struct Scene {
  std::vector<std::string> entries;
  std::string config;
  Bench bench;
  Reach reach = Reach::direct;

  base::Result<ImdsSettings> settings() {
    const auto profiles = Profiles::of_texts(config, "");
    const auto profile = profiles->find("default");
    return imds_settings({base::Environment::of_entries({entries.begin(), entries.end()}),
                          &*profiles,
                          *profile ? &**profile : nullptr,
                          {},
                          {}});
  }
  base::Result<InstanceCredentials> get() {
    return Imds(bench.http, bench.clock, bench.jitter, *settings(), reach).credentials();
  }
  base::Error error() {
    auto got = get();
    EXPECT_FALSE(got);
    return got ? base::Error() : got.error();
  }
};

TEST(Imds, its_endpoint_is_found_as_the_sdk_vectors_say) {
  if (!vectors_present()) GTEST_SKIP();
  const std::string name = "smithy-rs-aws-config/imds-config/imds-endpoint-tests.json";
  std::size_t ran = 0;
  const auto vectors = vector_json(name);
  for (const auto& test : vectors["tests"]) {
    Scene scene;
    for (const auto& [key, value] : test["env"].items()) scene.entries.push_back(key + "=" + value.get<std::string>());
    // kabuto has no flags for these two; the variable is what comes before every profile here.
    if (test.contains("mode_override"))
      scene.entries.push_back("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=" + test["mode_override"].get<std::string>());
    if (test.contains("endpoint_override"))
      scene.entries.push_back("AWS_EC2_METADATA_SERVICE_ENDPOINT=" + test["endpoint_override"].get<std::string>());
    if (test.contains("fs") && test["fs"].contains("config")) scene.config = test["fs"]["config"];
    const auto settings = scene.settings();
    ASSERT_EQ(settings.has_value(), test["result"].contains("Ok")) << test["docs"];
    if (settings) {
      EXPECT_EQ(settings->endpoint.value + "/latest/api/token", test["result"]["Ok"].get<std::string>())
          << test["docs"];
    }
    ++ran;
  }
  vectors_ran(name, ran, 14);
}

TEST(Imds, a_token_is_taken_first_and_sent_with_both_questions) {
  Scene scene;
  scene.bench.http.then(200, kToken);
  scene.bench.http.then(200, "web-role\nother\n");
  scene.bench.http.then(200, kReply);
  const auto got = scene.get();
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->role, "web-role");
  EXPECT_EQ(got->credentials.access_key_id, "ASIARTESTID000000002");
  EXPECT_EQ(text_of(got->credentials.session_token), "instance-token");
  EXPECT_EQ(*got->credentials.expiration, *base::parse_iso8601("2030-01-01T06:00:00Z"));
  EXPECT_EQ(got->notice, "");
  const auto& sent = scene.bench.http.sent;
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].method + " " + sent[0].url, "PUT http://169.254.169.254/latest/api/token");
  EXPECT_EQ(sent[0].ttl, "300");
  EXPECT_EQ(sent[1].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(sent[2].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/web-role");
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(sent[i].secret_headers.at("x-aws-ec2-metadata-token"), kToken);
  for (const auto& one : sent) {
    EXPECT_EQ(one.total, Duration(1000));
    EXPECT_EQ(one.plain, http::PlainHttp::metadata);
  }
}

// The table of botocore; kabuto goes on without a token only where version 1 was asked for by name.
TEST(Imds, behaves_as_the_table_of_the_vectors) {
  if (!vectors_present()) GTEST_SKIP();
  const std::string name = "derived/imds-behaviour.json";
  std::size_t ran = 0;
  const auto vectors = vector_json(name);
  for (const auto& test : vectors["cases"]) {
    ++ran;
    Scene scene;
    if (test.contains("env")) {
      for (const auto& [key, value] : test["env"].items())
        scene.entries.push_back(key + "=" + value.get<std::string>());
      const bool skipped = test["then"].get<std::string>() != "enabled";
      EXPECT_EQ(imds_is_disabled(base::Environment::of_entries({scene.entries.begin(), scene.entries.end()})), skipped);
    } else if (test.contains("token_status")) {
      const bool timed_out = test["token_status"].is_string();
      const int status = timed_out ? 0 : test["token_status"].get<int>();
      const bool may_fall_back = test["then"].get<std::string>().starts_with("IMDSv1");
      for (const bool asked_for_v1 : {false, true}) {
        Scene one;
        if (asked_for_v1) one.entries.emplace_back("AWS_EC2_METADATA_V1_DISABLED=false");
        if (test.contains("ec2_metadata_v1_disabled")) one.entries = {"AWS_EC2_METADATA_V1_DISABLED=true"};
        one.entries.emplace_back("AWS_METADATA_SERVICE_NUM_ATTEMPTS=1");
        if (timed_out)
          one.bench.http.then(ErrorKind::unreachable, "time over");
        else
          one.bench.http.then(status, kToken);
        one.bench.http.then(200, "web-role");
        one.bench.http.then(200, kReply);
        const auto got = one.get();
        EXPECT_EQ(got.has_value(), status == 200 || (may_fall_back && asked_for_v1)) << test.dump();
        if (got && status != 200) {
          EXPECT_TRUE(one.bench.http.sent[1].secret_headers.empty());
          EXPECT_NE(got->notice.find("IMDSv1 was used, as AWS_EC2_METADATA_V1_DISABLED allows"), std::string::npos);
        }
        if (!got) {
          EXPECT_EQ(one.bench.http.sent.size(), 1U) << test.dump();
        }
      }
    } else if (test.contains("role_name_status") || test.contains("role_name_body")) {
      scene.entries.emplace_back("AWS_METADATA_SERVICE_NUM_ATTEMPTS=2");
      scene.bench.http.then(200, kToken);
      scene.bench.http.then(test.value("role_name_status", 200), test.value("role_name_body", "x"));
      scene.bench.http.then(200, "web-role");
      scene.bench.http.then(200, kReply);
      EXPECT_TRUE(scene.get()) << test.dump();
    } else if (test.contains("credentials_body")) {
      scene.bench.http.then(200, kToken);
      scene.bench.http.then(200, "web-role");
      scene.bench.http.then(200, test["credentials_body"].get<std::string>());
      scene.bench.http.then(200, kReply);
      EXPECT_TRUE(scene.get()) << test.dump();
    } else if (test.contains("credentials_missing")) {
      const std::string missing = test["credentials_missing"];
      for (const auto member : base::split(missing, '|')) {
        Scene one;
        std::string body = kReply;
        body.replace(body.find("\"" + std::string(member) + "\""), member.size() + 2, "\"x\"");
        one.bench.http.then(200, kToken);
        one.bench.http.then(200, "web-role");
        one.bench.http.then(200, body);
        EXPECT_NE(one.error().what.find(std::string(member) + " is missing"), std::string::npos);
      }
    } else {
      ASSERT_TRUE(test.contains("static_stability")) << test.dump();
      const base::Instant now = scene.bench.clock.now();
      if (!test.contains("now")) {
        // Not a time: botocore keeps the text, kabuto takes no credentials whose end it does not know.
        std::string body = kReply;
        body.replace(body.find("2030-01-01T06:00:00Z"), 20, test["Expiration"].get<std::string>());
        EXPECT_FALSE(read_metadata_credentials(secret::Bytes::copy_of(body)));
        continue;
      }
      const auto end = now + minutes(test["Expiration"] == "T+14min" ? 14 : -14);
      const auto window = seconds(test["refresh_window_s"].get<int>() + test["jitter_s"].get<int>());
      const auto reported = now + minutes(test["reported_expiry"] == "T+25min" ? 25 : 20);
      EXPECT_EQ(stable_end(end, now, window), reported) << test.dump();
    }
  }
  vectors_ran(name, ran, 18);
}

TEST(Imds, a_token_that_has_ended_is_replaced_once) {
  Scene scene;
  scene.bench.http.then(200, "first-token");
  scene.bench.http.then(401, "");
  scene.bench.http.then(200, "second-token");
  scene.bench.http.then(200, "web-role");
  scene.bench.http.then(200, kReply);
  EXPECT_TRUE(scene.get());
  EXPECT_EQ(scene.bench.http.sent[3].secret_headers.at("x-aws-ec2-metadata-token"), "second-token");
  Scene forever;
  forever.bench.http.then(200, "first-token");
  forever.bench.http.then(401, "");
  forever.bench.http.then(200, "second-token");
  forever.bench.http.then(401, "");
  EXPECT_EQ(forever.error().kind, ErrorKind::denied);
  EXPECT_EQ(forever.bench.http.sent.size(), 4U);
}

TEST(Imds, credentials_that_have_ended_are_used_while_aws_cannot_renew_them) {
  const auto with_end = [](Scene& scene, std::string_view end) {
    std::string body = kReply;
    body.replace(body.find("2030-01-01T06:00:00Z"), 20, end);
    scene.bench.http.then(200, kToken);
    scene.bench.http.then(200, "web-role");
    scene.bench.http.then(200, body);
    return scene.get();
  };
  Scene own;
  const auto later = with_end(own, "2029-12-31T23:00:00Z");
  ASSERT_TRUE(later);
  EXPECT_EQ(*later->credentials.expiration, own.bench.clock.now() + minutes(20)) << "10 min, and 10 of spread";
  EXPECT_NE(later->notice.find("end at 2029-12-31T23:00:00Z"), std::string::npos);
  Scene emulator;
  emulator.entries = {"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338/"};
  const auto as_said = with_end(emulator, "2029-12-31T23:00:00Z");
  ASSERT_TRUE(as_said);
  EXPECT_EQ(*as_said->credentials.expiration, *base::parse_iso8601("2029-12-31T23:00:00Z"));
  EXPECT_EQ(emulator.bench.http.sent[0].url, "http://127.0.0.1:1338/latest/api/token");
}

TEST(Imds, each_failure_says_where_it_asked_and_what_to_try) {
  Scene none;
  none.bench.http.then(200, kToken);
  none.bench.http.then(404, "");
  const auto no_role = none.error();
  EXPECT_EQ(no_role.kind, ErrorKind::not_found);
  EXPECT_NE(no_role.what.find("no role is attached"), std::string::npos);

  Scene hostile;
  hostile.bench.http.then(200, kToken);
  hostile.bench.http.then(200, "../../latest/user-data");
  EXPECT_EQ(hostile.error().kind, ErrorKind::failure);
  EXPECT_EQ(hostile.bench.http.sent.size(), 2U) << "a name that is none becomes no URL";

  Scene unauthorized;
  unauthorized.bench.http.then(200, kToken);
  unauthorized.bench.http.then(200, "web-role");
  unauthorized.bench.http.then(200,
                               R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})");
  const auto failed = unauthorized.error();
  EXPECT_EQ(failed.kind, ErrorKind::denied);
  EXPECT_NE(failed.what.find("AssumeRoleUnauthorizedAccess: EC2 cannot assume"), std::string::npos);

  Scene contained;
  contained.reach = Reach::through_a_container;
  contained.bench.http.then(ErrorKind::unreachable, "time over");
  const auto error = contained.error();
  EXPECT_NE(error.hint.find("hop limit of 2"), std::string::npos);
  EXPECT_NE(error.what.find("http://169.254.169.254 (the default)"), std::string::npos);
}

TEST(Imds, settings_that_are_none_are_refused_with_who_said_them) {
  for (const std::string entry :
       {"AWS_METADATA_SERVICE_TIMEOUT=soon", "AWS_METADATA_SERVICE_TIMEOUT=0", "AWS_METADATA_SERVICE_NUM_ATTEMPTS=99",
        "AWS_EC2_METADATA_V1_DISABLED=perhaps", "AWS_EC2_METADATA_SERVICE_ENDPOINT=ftp://x",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv5"}) {
    Scene scene;
    scene.entries = {entry};
    const auto settings = scene.settings();
    ASSERT_FALSE(settings) << entry;
    EXPECT_EQ(settings.error().kind, ErrorKind::refused);
    EXPECT_NE(settings.error().what.find(entry.substr(0, entry.find('='))), std::string::npos) << settings.error().what;
  }
}

}  // namespace
}  // namespace aws
