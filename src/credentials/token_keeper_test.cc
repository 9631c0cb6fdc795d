#include "credentials/token_keeper.h"

#include "aws/sso_cache.h"
#include "credentials/sign_in_for_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace credentials {
namespace {

using aws::text_of;
using base::ErrorKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class TokenKeeperTest : public testing::Test, protected SignInBench {
 protected:
  base::Result<secret::Bytes> token(base::Duration min_ttl = {}, SignInUse use = SignInUse::never) {
    return process().access_token(session, min_ttl, use);
  }
  std::string token_text(base::Duration min_ttl = {}) {
    const auto got = token(min_ttl);
    EXPECT_TRUE(got) << got.error().what;
    return got ? text_of(*got) : "";
  }
};

TEST_F(TokenKeeperTest, a_token_that_is_good_is_served_without_a_call) {
  hold(minutes(30));
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(TokenKeeperTest, below_five_minutes_it_is_renewed_and_the_new_refresh_token_kept) {
  hold(minutes(4));
  then_tokens("access-2", "refresh-2");
  EXPECT_EQ(token_text(), "access-2");
  EXPECT_EQ(text_of(store.secrets("corp").refresh_token), "refresh-2");
  EXPECT_EQ(store.status("corp").expires, clock.now() + hours(1));
  ASSERT_EQ(http.sent.size(), 1u);
  EXPECT_EQ(http.sent[0].url, "https://oidc.eu-west-1.amazonaws.com/token");
  EXPECT_EQ(token_text(), "access-2");
  EXPECT_EQ(http.sent.size(), 1u);
}

TEST_F(TokenKeeperTest, a_wish_for_more_time_renews_where_tokens_last_so_long) {
  hold(minutes(20));
  EXPECT_EQ(token_text(hours(8)), "access-1");
  then_tokens("access-2", "refresh-2");
  EXPECT_EQ(token_text(minutes(30)), "access-2");
}

TEST_F(TokenKeeperTest, where_no_token_lasts_as_long_as_is_wished_for_one_line_says_until_when) {
  hold(minutes(4));
  then_tokens("access-2", "refresh-2");
  EXPECT_EQ(token_text(hours(8)), "access-2");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("lasts until " + base::iso8601(clock.now() + hours(1))), std::string::npos) << notes[0];
  notes.clear();
  hold(minutes(4), "");
  EXPECT_EQ(token_text(hours(8)), "access-1");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("lasts until " + base::iso8601(clock.now() + minutes(4))), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("run kabuto login corp"), std::string::npos) << notes[0];
  notes.clear();
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_TRUE(notes.empty());
}

TEST_F(TokenKeeperTest, an_answer_without_a_refresh_token_leaves_the_old_one) {
  hold(minutes(1));
  http.then(200, R"({"accessToken":"access-2","tokenType":"Bearer","expiresIn":3600})");
  EXPECT_EQ(token_text(), "access-2");
  EXPECT_EQ(text_of(store.secrets("corp").refresh_token), "refresh-1");
}

TEST_F(TokenKeeperTest, a_failed_renewal_is_a_warning_while_the_token_is_good_and_is_not_tried_again_for_a_minute) {
  hold(minutes(4));
  http.then(ErrorKind::unreachable, "no network");
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_EQ(notes.size(), 1u);
  const auto calls = http.sent.size();
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_EQ(http.sent.size(), calls);
  clock.sleep(seconds(61));
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_GT(http.sent.size(), calls);
}

TEST_F(TokenKeeperTest, an_expired_token_is_never_served) {
  hold(minutes(-1));
  http.then(ErrorKind::unreachable, "no network");
  const auto got = token();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unreachable);
}

TEST_F(TokenKeeperTest, the_end_of_a_token_is_judged_by_the_clock_of_aws) {
  hold(minutes(30));
  store.held_.at("corp").first.clock_offset = minutes(40);
  then_tokens("access-2", "refresh-2");
  EXPECT_EQ(token_text(), "access-2");
}

TEST_F(TokenKeeperTest, a_session_that_has_ended_says_what_to_run_and_asks_aws_once) {
  hold(minutes(-1));
  then_refusal("invalid_grant");
  for (int round = 0; round < 2; ++round) {
    const auto got = token();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::sign_in_needed);
    EXPECT_EQ(got.error().what, "the sign-in of corp has ended");
    EXPECT_EQ(got.error().hint, "run kabuto login corp");
  }
  EXPECT_EQ(http.sent.size(), 1u);
  EXPECT_TRUE(store.status("corp").ended);
  EXPECT_TRUE(guide.opened.empty());
}

TEST_F(TokenKeeperTest, a_refused_renewal_still_uses_the_token_to_its_end) {
  hold(minutes(3));
  then_refusal("invalid_grant");
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_EQ(http.sent.size(), 1u);
  clock.sleep(minutes(4));
  EXPECT_FALSE(token());
}

TEST_F(TokenKeeperTest, a_refused_renewal_looks_once_more_for_what_another_has_written) {
  hold(minutes(-1));
  http.then_do([this] {
    hold(minutes(50), "refresh-9");
    return aws::reply(400, R"({"error":"invalid_grant","error_description":"x"})",
                      {{"x-amzn-ErrorType", "InvalidGrantException"}});
  });
  EXPECT_EQ(token_text(), "access-1");
  EXPECT_EQ(text_of(store.secrets("corp").refresh_token), "refresh-9");
}

TEST_F(TokenKeeperTest, without_room_to_write_the_token_serves_this_run_and_says_so) {
  hold(minutes(1));
  store.full = true;
  then_tokens("access-2", "refresh-2");
  SignIns one = process();
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(text_of(*one.access_token(session, {}, SignInUse::never)), "access-2");
  EXPECT_EQ(http.sent.size(), 1u);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("serves this run"), std::string::npos);
}

TEST_F(TokenKeeperTest, another_token_is_never_the_refused_one) {
  hold(minutes(30));
  then_tokens("access-2", "refresh-2");
  const auto refused = secret::Bytes::copy_of("access-1");
  EXPECT_EQ(text_of(*process().another_token(session, refused, SignInUse::never)), "access-2");
  then_refusal("invalid_grant");
  const auto refused_too = secret::Bytes::copy_of("access-2");
  const auto got = process().another_token(session, refused_too, SignInUse::never);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::sign_in_needed);
}

TEST_F(TokenKeeperTest, a_registration_that_has_ended_renews_nothing) {
  hold(minutes(-1));
  store.held_.at("corp").first.registration_expires = clock.now() - seconds(1);
  EXPECT_FALSE(token());
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(TokenKeeperTest, a_token_is_not_sent_to_a_portal_that_the_name_meant_only_later) {
  hold(minutes(30));
  session.start_url = "https://d-evil.awsapps.com/start";
  const auto got = token();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "nobody is signed in to corp");
}

TEST_F(TokenKeeperTest, a_configured_endpoint_off_this_machine_gets_no_token_unless_the_sign_in_allowed_it) {
  environment = base::Environment{home_variable, "AWS_ENDPOINT_URL_SSO_OIDC=https://oidc.example.com"};
  hold(minutes(1));
  store.held_.at("corp").first.renewed -= hours(2);
  http.then(500, "");
  clock.sleep(minutes(2));
  const auto got = token();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::refused);
  EXPECT_TRUE(http.sent.empty());
  store.held_.at("corp").first.trusted_endpoints = "https://oidc.example.com";
  then_tokens("access-2", "refresh-2");
  EXPECT_FALSE(token());
  EXPECT_EQ(http.sent[0].url, "https://oidc.example.com/token");
}

TEST_F(TokenKeeperTest, signals_wait_while_a_renewal_is_under_way) {
  hold(minutes(1));
  http.then_do([] {
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, nullptr, &now);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) EXPECT_EQ(sigismember(&now, signal), 1);
    return aws::reply(200, R"({"accessToken":"access-2","tokenType":"Bearer","expiresIn":3600})");
  });
  EXPECT_EQ(token_text(), "access-2");
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGTERM), 0);
}

TEST_F(TokenKeeperTest, the_token_of_the_aws_cli_serves_where_kabuto_has_none) {
  std::filesystem::create_directories(directory.path() + "/.aws/sso/cache");
  std::filesystem::permissions(directory.path() + "/.aws", std::filesystem::perms::owner_all);
  const auto path = aws::sso_cache_path(environment, "corp");
  ASSERT_TRUE(path);
  std::ofstream(*path)
      << R"({"startUrl":"https://d-corp.awsapps.com/start","region":"us-east-1","accessToken":"of-cli",)"
      << R"("expiresAt":")" << base::iso8601(clock.now() + minutes(40)) << "\"}";
  std::filesystem::permissions(*path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  SignIns one = process();
  EXPECT_EQ(text_of(*one.access_token(session, {}, SignInUse::never)), "of-cli");
  EXPECT_EQ(one.portal(session)->url, "https://portal.sso.us-east-1.amazonaws.com");
  clock.sleep(hours(1));
  const auto got = token();
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("kabuto does not renew it"), std::string::npos);
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(TokenKeeperTest, a_shared_sign_in_is_written_again_at_each_renewal_without_its_refresh_token) {
  hold(minutes(1));
  store.held_.at("corp").first.shared = true;
  then_tokens("access-2", "refresh-2");
  EXPECT_EQ(token_text(), "access-2");
  const auto shared = aws::read_sso_cache(*aws::sso_cache_path(environment, "corp"));
  ASSERT_TRUE(shared && *shared);
  EXPECT_EQ(text_of((*shared)->access_token), "access-2");
  EXPECT_TRUE((*shared)->refresh_token.empty());
}

}  // namespace
}  // namespace credentials
