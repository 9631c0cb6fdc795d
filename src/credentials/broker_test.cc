#include "credentials/broker_for_test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace credentials {
namespace {

using aws::error_body;
using base::ErrorKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(BrokerTest, performs_the_planned_hops_and_answers_from_the_cache_afterwards) {
  prompt_.typed = {"123456"};
  then_session("GetSessionToken", "ASIASESSIONEXAMPLE00000", hours(12));
  then_session("AssumeRole", "ASIAROLEEXAMPLE00000", hours(1));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAROLEEXAMPLE00000");
  EXPECT_EQ(answer->credentials.account_id, "444455556666");
  ASSERT_EQ(http_.sent.size(), 2u);
  EXPECT_NE(http_.sent[0].body.find("TokenCode=123456"), std::string::npos);
  EXPECT_EQ(http_.sent[1].body.find("TokenCode"), std::string::npos);
  EXPECT_NE(http_.sent[1].authorization.find("ASIASESSIONEXAMPLE00000"), std::string::npos);
  const auto again = get("dev");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(text_of(again->credentials.secret_access_key), "s-ASIAROLEEXAMPLE00000");
  EXPECT_EQ(text_of(again->credentials.session_token), "t-ASIAROLEEXAMPLE00000");
  EXPECT_EQ(http_.sent.size(), 2u);
  EXPECT_EQ(keys_.opened, 1);
  EXPECT_TRUE(again->warnings.empty());
}

TEST_F(BrokerTest, renews_below_the_ttl_with_the_session_that_is_still_good) {
  prompt_.typed = {"123456"};
  then_session("GetSessionToken", "ASIASESSIONEXAMPLE00000", hours(12));
  then_session("AssumeRole", "ASIAROLE1EXAMPLE00000", hours(1));
  ASSERT_TRUE(get("dev"));
  clock_.sleep(minutes(56));
  then_session("AssumeRole", "ASIAROLE2EXAMPLE00000", hours(1));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAROLE2EXAMPLE00000");
  EXPECT_EQ(prompt_.asked.size(), 1u);
}

TEST_F(BrokerTest, never_serves_expired_credentials) {
  then_session("AssumeRole", "ASIAROLE1EXAMPLE00000", hours(1));
  ASSERT_TRUE(get("plain"));
  clock_.sleep(hours(2));
  http_.then(ErrorKind::unreachable, "no network");
  const auto answer = get("plain");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
}

TEST_F(BrokerTest, serves_what_is_still_good_with_a_warning_where_renewing_is_not_possible_now) {
  then_session("AssumeRole", "ASIAROLE1EXAMPLE00000", hours(1));
  ASSERT_TRUE(get("plain"));
  clock_.sleep(minutes(57));
  http_.then(ErrorKind::unreachable, "no network");
  const auto answer = get("plain");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->warnings.size(), 1u);
}

TEST_F(BrokerTest, judges_the_end_of_a_session_in_awss_time) {
  // Our clock is 20 minutes slow: AWS's session of an hour seems to have 80 minutes left.
  http_.then(200, session_reply("AssumeRole", "ASIAROLE1EXAMPLE00000", clock_.now() + minutes(80)),
             {{"Date", "Tue, 01 Jan 2030 00:20:00 GMT"}});
  const auto first = get("plain");
  ASSERT_TRUE(first) << first.error().what;
  clock_.sleep(minutes(58));
  http_.then(200, session_reply("AssumeRole", "ASIAROLE2EXAMPLE00000", clock_.now() + minutes(80)),
             {{"Date", "Tue, 01 Jan 2030 01:18:00 GMT"}});
  EXPECT_EQ(get("plain")->credentials.access_key_id, "ASIAROLE2EXAMPLE00000");
}

TEST_F(BrokerTest, a_damaged_cached_session_is_one_warning_and_a_fetch) {
  then_session("AssumeRole", "ASIAROLE1EXAMPLE00000", hours(1));
  ASSERT_TRUE(get("plain"));
  const std::string file = only_session_file();
  ASSERT_FALSE(file.empty());
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  then_session("AssumeRole", "ASIAROLE2EXAMPLE00000", hours(1));
  const auto answer = get("plain");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAROLE2EXAMPLE00000");
  EXPECT_EQ(answer->warnings.size(), 1u);
}

TEST_F(BrokerTest, credentials_are_given_with_one_warning_where_only_the_cache_failed) {
  keyring_.refuses = true;
  then_session("AssumeRole", "ASIAROLE1EXAMPLE00000", hours(1));
  const auto answer = get("plain");
  ASSERT_TRUE(answer) << answer.error().what;
  ASSERT_EQ(answer->warnings.size(), 1u);
  EXPECT_NE(answer->warnings[0].find("could not be cached"), std::string::npos);
}

TEST_F(BrokerTest, without_a_terminal_it_says_at_once_what_to_run) {
  prompt_.there_is_a_terminal = false;
  const auto answer = get("dev");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::sign_in_needed);
  EXPECT_EQ(answer.error().hint, "run kabuto exec dev -- true");
  EXPECT_EQ(keys_.opened, 0);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(BrokerTest, a_given_code_is_used_before_anybody_is_asked) {
  prompt_.there_is_a_terminal = false;
  then_session("GetSessionToken", "ASIASESSIONEXAMPLE00000", hours(12));
  Request request;
  request.profile = "base";
  request.mfa_code = secret::Bytes::copy_of("654321");
  const auto answer = get(std::move(request));
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_NE(http_.sent[0].body.find("TokenCode=654321"), std::string::npos);
}

TEST_F(BrokerTest, nobody_is_asked_for_a_code_for_a_call_that_aws_would_refuse_in_any_case) {
  const std::string base = "[profile base]\nregion=eu-west-1\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\n";
  const auto broken = [&](std::string_view what, std::string_view of_role) {
    write_config(base +
                 "[profile dev]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = base\n"
                 "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n" +
                 std::string(of_role));
    prompt_.typed = {"123456"};
    Request request;
    request.profile = "dev";
    const auto answer = get(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::refused);
    EXPECT_NE(answer.error().what.find(what), std::string::npos) << answer.error().what;
  };
  broken("role session name must have 2 to 64 characters", "role_session_name = x\n");
  broken("external id must have", "external_id = x\n");
  EXPECT_TRUE(prompt_.asked.empty());
  EXPECT_TRUE(http_.sent.empty());
  // The code that was not sent is as good as ever.
  write_config(base);
  prompt_.typed = {"123456"};
  then_session("GetSessionToken", "ASIASESSIONEXAMPLE00000", hours(12));
  EXPECT_TRUE(get("base"));
  EXPECT_TRUE(clock_.slept.empty());
}

TEST_F(BrokerTest, a_refused_code_is_asked_for_again_and_never_sent_twice) {
  prompt_.typed = {"111111", "111111", "222222"};
  http_.then(403, error_body("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "));
  then_session("GetSessionToken", "ASIASESSIONEXAMPLE00000", hours(12));
  const auto answer = get("base");
  ASSERT_TRUE(answer) << answer.error().what;
  ASSERT_EQ(http_.sent.size(), 2u);
  EXPECT_NE(http_.sent[1].body.find("TokenCode=222222"), std::string::npos);
  ASSERT_EQ(clock_.slept.size(), 1u);
  EXPECT_LE(clock_.slept[0], seconds(30));
  ASSERT_EQ(notes_.size(), 1u);
}

TEST_F(BrokerTest, a_code_sent_by_an_earlier_process_is_not_sent_again) {
  prompt_.typed = {"111111", "111111", "222222"};
  then_session("GetSessionToken", "ASIA1EXAMPLE00000", hours(12));
  ASSERT_TRUE(get("base"));
  then_session("GetSessionToken", "ASIA2EXAMPLE00000", hours(12));
  Request request;
  request.profile = "base";
  request.cache = Cache::renew;
  const auto answer = get(std::move(request));
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_NE(http_.sent[1].body.find("TokenCode=222222"), std::string::npos);
}

TEST_F(BrokerTest, three_refused_codes_are_enough) {
  prompt_.typed = {"111111", "222222", "333333", "444444"};
  http_.then(403, error_body("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "));
  const auto answer = get("base");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::mfa_rejected);
  EXPECT_EQ(http_.sent.size(), 3u);
}

TEST_F(BrokerTest, a_cached_session_that_aws_no_longer_takes_is_fetched_anew) {
  prompt_.typed = {"111111", "222222"};
  then_session("GetSessionToken", "ASIAOLDEXAMPLE00000", hours(12));
  ASSERT_TRUE(get("base"));
  clock_.sleep(minutes(1));
  http_.then(403, error_body("InvalidClientTokenId", "The security token included in the request is invalid."));
  then_session("GetSessionToken", "ASIANEWEXAMPLE00000", hours(12));
  then_session("AssumeRole", "ASIAROLEEXAMPLE00000", hours(1));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_NE(http_.sent[3].authorization.find("ASIANEWEXAMPLE00000"), std::string::npos);
}

TEST_F(BrokerTest, an_mfa_process_gives_the_code_and_nobody_is_asked) {
  write_config(
      "[profile base]\nregion=eu-west-1\nmfa_serial=arn:aws:iam::111122223333:mfa/alice\n"
      "mfa_process = echo \"123 456\"\n");
  EXPECT_NE(get("base").error().what.find("six digits"), std::string::npos);
  write_config(
      "[profile base]\nregion=eu-west-1\nmfa_serial=arn:aws:iam::111122223333:mfa/alice\n"
      "mfa_process = echo 123456\n");
  then_session("GetSessionToken", "ASIASESSIONEXAMPLE00000", hours(12));
  const auto answer = get("base");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_TRUE(prompt_.asked.empty());
}

TEST_F(BrokerTest, a_credential_process_is_cached_only_where_it_says_when_it_ends) {
  const std::string start =
      "[profile p]\ncredential_process = sh -c 'echo x >> " + directory_ + "/runs; cat " + directory_ + "/answer'\n";
  write_config(start);
  std::ofstream(directory_ + "/answer") << R"({"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"s"})";
  ASSERT_TRUE(get("p"));
  ASSERT_TRUE(get("p"));
  EXPECT_EQ(std::filesystem::file_size(directory_ + "/runs"), 4u);
  std::ofstream(directory_ + "/answer")
      << R"({"Version":1,"AccessKeyId":"ASIAPEXAMPLE00000","SecretAccessKey":"s","SessionToken":"t","Expiration":"2030-01-01T01:00:00Z"})";
  ASSERT_TRUE(get("p"));
  const auto answer = get("p");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAPEXAMPLE00000");
  EXPECT_EQ(std::filesystem::file_size(directory_ + "/runs"), 6u);
}

TEST_F(BrokerTest, a_config_file_that_others_can_write_starts_no_program) {
  write_config("[profile p]\ncredential_process = touch " + directory_ + "/ran\n");
  std::filesystem::permissions(directory_ + "/config", std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  const auto answer = get("p");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/ran"));
}

TEST_F(BrokerTest, programs_that_ask_for_each_other_are_stopped_and_named) {
  write_config("[profile p]\ncredential_process = true\n");
  environment_ =
      base::Environment{config_variable_, credentials_variable_, "PATH=/usr/bin:/bin", "KABUTO_PROCESS_CHAIN=p\nq"};
  const auto circle = get("p");
  ASSERT_FALSE(circle);
  EXPECT_NE(circle.error().what.find("p -> q -> p"), std::string::npos) << circle.error().what;
  environment_ = base::Environment{config_variable_, credentials_variable_, "PATH=/usr/bin:/bin",
                                   "KABUTO_PROCESS_CHAIN=a\nb\nc\nd"};
  EXPECT_NE(get("p").error().what.find("too deep"), std::string::npos);
}

TEST_F(BrokerTest, a_role_that_wants_a_code_and_names_no_device_asks_which_one_and_remembers_it) {
  http_.then(403, error_body("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole on resource: y"));
  http_.then(200,
             "<ListMFADevicesResponse><ListMFADevicesResult><MFADevices>"
             "<member><UserName>alice</UserName><SerialNumber>arn:aws:iam::111122223333:mfa/one</SerialNumber></member>"
             "<member><UserName>alice</UserName><SerialNumber>arn:aws:iam::111122223333:mfa/two</SerialNumber></member>"
             "</MFADevices><IsTruncated>false</IsTruncated></ListMFADevicesResult></ListMFADevicesResponse>");
  then_session("AssumeRole", "ASIAROLEEXAMPLE00000", hours(1));
  prompt_.choice = "2";
  prompt_.typed = {"123456"};
  const auto answer = get("plain");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(keys_.devices["plain"], "arn:aws:iam::111122223333:mfa/two");
  ASSERT_EQ(http_.sent.size(), 3u);
  EXPECT_NE(http_.sent[2].body.find("TokenCode=123456"), std::string::npos);
}

TEST_F(BrokerTest, a_refusal_with_no_device_and_nobody_to_ask_stays_a_refusal) {
  prompt_.there_is_a_terminal = false;
  http_.then(403, error_body("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole on resource: y"));
  const auto answer = get("plain");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::denied);
  EXPECT_EQ(http_.sent.size(), 1u);
}

TEST_F(BrokerTest, explain_performs_nothing) {
  Request request;
  request.profile = "dev";
  ASSERT_TRUE(Broker(around()).explain(request));
  EXPECT_TRUE(http_.sent.empty());
  EXPECT_EQ(keys_.opened, 0);
  EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/kabuto"));
}

}  // namespace
}  // namespace credentials
