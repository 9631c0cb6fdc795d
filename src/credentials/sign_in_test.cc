#include "credentials/sign_in.h"

#include "aws/sso_cache.h"
#include "credentials/sign_in_for_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace credentials {
namespace {

using aws::text_of;
using base::ErrorKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string parameter(const std::string& url, const std::string& name) {
  const auto begin = url.find(name + "=") + name.size() + 1;
  return url.substr(begin, url.find('&', begin) - begin);
}

/// What a browser does at the end of a sign-in: one GET of where it was sent back to.
void follow_back(std::uint16_t port, const std::string& target) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
  ASSERT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  char buffer[512];
  while (read(fd, buffer, sizeof buffer) > 0) {
  }
  close(fd);
}

class SignInTest : public testing::Test, protected SignInBench {
 protected:
  ~SignInTest() override {
    if (browser_.joinable()) browser_.join();
  }
  /// The person signs in, or does what `query` says, as soon as the window is open.
  void person_signs_in(const std::string& query = "code=the-code") {
    guide.at_open = [this, query](const std::string& url) {
      const std::string redirect = parameter(url, "redirect_uri");
      const std::string digits = redirect.substr(redirect.find("127.0.0.1%3A") + 12);
      const auto number = base::parse_integer(digits.substr(0, digits.find('%')));
      ASSERT_TRUE(number) << url;
      browser_ = std::thread([state = parameter(url, "state"), query, number] {
        follow_back(static_cast<std::uint16_t>(*number), "/oauth/callback?" + query + "&state=" + state);
      });
    };
  }
  void then_device(const std::string& user_code) {
    http.then(200, R"({"deviceCode":"device-code","userCode":")" + user_code +
                       R"(","verificationUri":"https://d-corp.awsapps.com/start/#/device",)"
                       R"("verificationUriComplete":"https://d-corp.awsapps.com/start/#/device?user_code=X",)"
                       R"("expiresIn":600,"interval":1})");
  }
  base::Result<SignInStatus> sign_in(SignInOptions options = {}) { return process().sign_in(session, options); }

  std::thread browser_;
};

TEST_F(SignInTest, a_browser_brings_the_code_back_and_the_tokens_are_kept) {
  then_registration();
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  const auto status = sign_in();
  ASSERT_TRUE(status) << status.error().what;
  ASSERT_EQ(guide.opened.size(), 1u);
  EXPECT_TRUE(guide.opened[0].starts_with("https://oidc.eu-west-1.amazonaws.com/authorize?")) << guide.opened[0];
  EXPECT_EQ(parameter(guide.opened[0], "code_challenge_method"), "S256");
  ASSERT_EQ(http.sent.size(), 2u);
  EXPECT_NE(http.sent[0].body.find(R"("redirectUris":["http://127.0.0.1/oauth/callback"])"), std::string::npos)
      << http.sent[0].body;
  EXPECT_NE(http.sent[1].body.find("the-code"), std::string::npos);
  EXPECT_TRUE(status->renewable);
  EXPECT_EQ(text_of(store.secrets("corp").access_token), "access-2");
  EXPECT_EQ(guide.waiting, 0);
}

TEST_F(SignInTest, the_scopes_of_the_session_are_asked_for) {
  session.scopes = {"sso:account:access", "codewhisperer:analysis"};
  then_registration();
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  ASSERT_TRUE(sign_in());
  EXPECT_NE(http.sent[0].body.find("codewhisperer:analysis"), std::string::npos);
  EXPECT_NE(guide.opened[0].find("codewhisperer"), std::string::npos);
}

TEST_F(SignInTest, a_registration_serves_again_while_it_has_time_and_fits) {
  hold(minutes(-1));
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  ASSERT_TRUE(sign_in());
  EXPECT_EQ(http.sent.size(), 1u);
  EXPECT_EQ(store.secrets("corp").client_id, "client");
}

TEST_F(SignInTest, a_registration_that_ends_soon_or_is_of_other_scopes_is_replaced) {
  for (const bool soon : {true, false}) {
    hold(minutes(-1));
    if (soon)
      store.held_.at("corp").second.registration_expires = clock.now() + minutes(14);
    else
      store.held_.at("corp").second.scopes = {"other"};
    then_registration();
    then_tokens("access-2", "refresh-2");
    person_signs_in();
    ASSERT_TRUE(sign_in());
    browser_.join();
    EXPECT_EQ(store.secrets("corp").client_id, "new-client");
  }
}

TEST_F(SignInTest, a_refused_sign_in_says_so_and_leaves_the_one_before_as_it_was) {
  hold(minutes(30));
  person_signs_in("error=access_denied&error_description=no");
  const auto status = sign_in();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::denied);
  EXPECT_EQ(text_of(*process().access_token(session, {}, SignInUse::never)), "access-1");
  EXPECT_EQ(guide.waiting, 0);
}

TEST_F(SignInTest, a_code_that_aws_refuses_leaves_the_sign_in_before_as_it_was) {
  hold(minutes(30));
  then_refusal("invalid_grant");
  person_signs_in();
  EXPECT_FALSE(sign_in());
  EXPECT_EQ(text_of(store.secrets("corp").refresh_token), "refresh-1");
}

TEST_F(SignInTest, without_a_browser_a_code_is_shown_and_asked_about_until_it_is_done) {
  guide.browser = false;
  then_registration();
  then_device("ABCD-EFGH");
  then_refusal("authorization_pending");
  then_refusal("slow_down");
  then_refusal("authorization_pending");
  then_tokens("access-2", "refresh-2");
  ASSERT_TRUE(sign_in());
  EXPECT_EQ(guide.shown, std::vector<std::string>{"ABCD-EFGH"});
  EXPECT_EQ(clock.slept, (std::vector<base::Duration>{seconds(1), seconds(1), seconds(6), seconds(6)}));
  EXPECT_EQ(http.sent[0].body.find("redirectUris"), std::string::npos);
}

TEST_F(SignInTest, a_code_that_nobody_confirms_ends_with_its_time) {
  guide.browser = false;
  then_registration();
  then_device("ABCD-EFGH");
  then_refusal("authorization_pending");
  const auto status = sign_in();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::sign_in_needed);
  EXPECT_EQ(status.error().hint, "run kabuto login corp");
}

TEST_F(SignInTest, where_no_browser_starts_the_code_is_the_way_out) {
  guide.no_program = true;
  then_registration();
  then_registration();
  then_device("ABCD-EFGH");
  then_tokens("access-2", "refresh-2");
  ASSERT_TRUE(sign_in());
  EXPECT_EQ(guide.shown.size(), 1u);
}

TEST_F(SignInTest, nobody_is_sent_to_a_browser_for_tokens_that_could_not_be_kept) {
  store.locked = true;
  EXPECT_EQ(sign_in().error().kind, ErrorKind::store_locked);
  EXPECT_TRUE(guide.opened.empty());
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(SignInTest, a_background_caller_opens_nothing_unless_the_session_says_so) {
  const auto got = process().access_token(session, {}, SignInUse::never);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::sign_in_needed);
  EXPECT_TRUE(guide.opened.empty());
  session.auto_login = true;
  then_registration();
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  const auto signed_in = process().access_token(session, {}, SignInUse::never);
  ASSERT_TRUE(signed_in) << signed_in.error().what;
  EXPECT_EQ(text_of(*signed_in), "access-2");
}

TEST_F(SignInTest, a_window_that_nobody_used_is_not_followed_by_another_for_ten_minutes) {
  session.auto_login = true;
  guide.person = false;
  then_registration();
  person_signs_in("error=access_denied");
  EXPECT_FALSE(process().access_token(session, {}, SignInUse::never));
  EXPECT_FALSE(process().access_token(session, {}, SignInUse::never));
  EXPECT_EQ(guide.opened.size(), 1u);
}

TEST_F(SignInTest, a_person_who_asks_for_credentials_is_signed_in_on_the_way) {
  then_registration();
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  EXPECT_EQ(text_of(*process().access_token(session, {}, SignInUse::may_ask)), "access-2");
}

TEST_F(SignInTest, tokens_that_cannot_be_stored_serve_this_run) {
  store.full = true;
  then_registration();
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  EXPECT_EQ(text_of(*process().access_token(session, {}, SignInUse::may_ask)), "access-2");
  EXPECT_FALSE(notes.empty());
}

TEST_F(SignInTest, the_cache_of_the_aws_cli_is_written_only_when_asked_and_goes_with_the_sign_in) {
  const auto path = *aws::sso_cache_path(environment, "corp");
  hold(minutes(-1));
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  ASSERT_TRUE(sign_in());
  browser_.join();
  EXPECT_FALSE(std::filesystem::exists(path));
  then_tokens("access-3", "refresh-3");
  ASSERT_TRUE(sign_in({.share = true}));
  EXPECT_TRUE(std::filesystem::exists(path));
  http.then(200, "");
  const auto out = process().sign_out(session);
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SignInTest, signing_out_revokes_and_forgets_this_session_alone) {
  hold(minutes(30));
  const SsoSession corp = session;
  session.name = "other";
  hold(minutes(30));
  http.then(200, "");
  ASSERT_TRUE(process().sign_out(corp));
  EXPECT_EQ(http.sent.size(), 1u);
  EXPECT_EQ(http.sent[0].url, "https://portal.sso.eu-west-1.amazonaws.com/logout");
  ASSERT_EQ(store.held_.size(), 1u);
  EXPECT_TRUE(store.held_.contains("other"));
}

TEST_F(SignInTest, signing_out_without_a_network_forgets_and_says_that_aws_was_not_told) {
  hold(minutes(30));
  http.then(ErrorKind::unreachable, "no network");
  const auto out = process().sign_out(session);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().kind, ErrorKind::unreachable);
  EXPECT_TRUE(store.held_.empty());
}

TEST_F(SignInTest, an_endpoint_that_is_not_of_aws_gets_a_sign_in_only_when_a_person_says_so) {
  environment = base::Environment{home_variable, "AWS_ENDPOINT_URL_SSO_OIDC=https://oidc.example.com"};
  EXPECT_EQ(sign_in().error().kind, ErrorKind::refused);
  EXPECT_TRUE(http.sent.empty());
  then_registration();
  then_tokens("access-2", "refresh-2");
  person_signs_in();
  ASSERT_TRUE(sign_in({.trust_endpoints = true}));
  EXPECT_EQ(store.status("corp").trusted_endpoints, "https://oidc.example.com");
}

}  // namespace
}  // namespace credentials
