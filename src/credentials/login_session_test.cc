#include "aws/login_cache.h"
#include "credentials/broker_for_test.h"

#include <sys/stat.h>

namespace credentials {
namespace {

using base::ErrorKind;
using std::chrono::minutes;

constexpr const char* kSession = "arn:aws:sts::012345678901:assumed-role/Admin/admin";
constexpr const char* kLoginConfig =
    "[profile dev]\nlogin_session = arn:aws:sts::012345678901:assumed-role/Admin/admin\nregion = eu-west-1\n"
    "[profile other]\nlogin_session = arn:aws:iam::012345678901:user/nobody\n"
    "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = dev\n";
// A throw-away key of AWS's own tests.
constexpr const char* kKey =
    "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIHjt7c+VnkIkN6RW7QgZPFNLb/9AZEhqSYYMtwrlLb3WoAoGCCqGSM49\n"
    "AwEHoUQDQgAEv2FjRpMtADMZ4zoZxshV9chEkembgzZnXSUNe+DA8dKqXN/7qTcZ\njYJHKIi+Rn88zUGqCJo3DWF/X+ufVfdU2g==\n"
    "-----END EC PRIVATE KEY-----\n";

class LoginTest : public BrokerTest {
 protected:
  LoginTest() {
    write_config(kLoginConfig);
    cache_variable_ = "AWS_LOGIN_CACHE_DIRECTORY=" + directory_ + "/login";
    environment_ = base::Environment{config_variable_, credentials_variable_, cache_variable_, "USER=alice"};
    std::filesystem::create_directory(directory_ + "/login");
    std::filesystem::permissions(directory_ + "/login", std::filesystem::perms::owner_all);
    path_ = *aws::login_cache_path(environment_, kSession);
  }
  void hold(const std::string& key_id, base::Duration left, const std::string& refresh = "refresh-1") {
    aws::LoginToken token;
    token.access = {key_id, secret::Bytes::copy_of("secret"), secret::Bytes::copy_of("session"), clock_.now() + left,
                    "012345678901"};
    token.token_type = "aws_sigv4";
    token.client_id = "arn:aws:signin:::devtools/same-device";
    token.refresh_token = secret::Bytes::copy_of(refresh);
    token.dpop_key = secret::Bytes::copy_of(kKey);
    ASSERT_TRUE(aws::write_login_cache(path_, token));
  }
  aws::LoginToken held() const { return std::move(**aws::read_login_cache(path_)); }
  void then_tokens(const std::string& key_id, const std::string& refresh) {
    http_.then(200, R"({"accessToken":{"accessKeyId":")" + key_id +
                        R"(","secretAccessKey":"new-secret","sessionToken":"new-session"},)"
                        R"("tokenType":"aws_sigv4","expiresIn":900,"refreshToken":")" +
                        refresh + R"("})");
  }
  void then_refused(int status, const std::string& word) {
    http_.then(status, R"({"error":")" + word + R"(","message":"no"})",
               {{"x-amzn-errortype", "AccessDeniedException"}});
  }

  std::string cache_variable_, path_;
};

TEST_F(LoginTest, a_sign_in_with_time_left_is_used_as_it_is) {
  hold("ASIAFILE", minutes(6));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAFILE");
  EXPECT_EQ(answer->credentials.account_id, "012345678901");
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(LoginTest, with_five_minutes_left_it_is_renewed_and_written_back_whole) {
  hold("ASIAFILE", minutes(5));
  then_tokens("ASIANEW", "refresh-2");
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIANEW");
  ASSERT_EQ(http_.sent.size(), 1U);
  EXPECT_EQ(http_.sent[0].url, "https://eu-west-1.signin.aws.amazon.com/v1/token");
  EXPECT_EQ(http_.sent[0].body, R"({"clientId":"arn:aws:signin:::devtools/same-device",)"
                                R"("grantType":"refresh_token","refreshToken":"refresh-1"})");
  const auto kept = held();
  EXPECT_EQ(kept.access.access_key_id, "ASIANEW");
  EXPECT_EQ(secret::text_of(kept.refresh_token), "refresh-2");
  EXPECT_EQ(secret::text_of(kept.dpop_key), kKey);
  EXPECT_EQ(kept.client_id, "arn:aws:signin:::devtools/same-device");
  EXPECT_EQ(kept.access.account_id, "012345678901");
  struct stat facts{};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_TRUE(get("dev"));
  EXPECT_EQ(http_.sent.size(), 1U);
}

TEST_F(LoginTest, each_refusal_has_its_own_text_and_way_out) {
  hold("ASIAFILE", minutes(0));
  for (const auto& [status, word, kind, what, hint] :
       {std::tuple{401, "TOKEN_EXPIRED", ErrorKind::sign_in_needed, "has ended", "aws login --profile dev"},
        std::tuple{401, "AUTHCODE_EXPIRED", ErrorKind::sign_in_needed, "not finished in time", "aws login"},
        std::tuple{403, "USER_CREDENTIALS_CHANGED", ErrorKind::sign_in_needed, "password has changed", "new password"},
        std::tuple{403, "INSUFFICIENT_PERMISSIONS", ErrorKind::denied, "signin:CreateOAuth2Token",
                   "SignInLocalDevelopmentAccess"}}) {
    then_refused(status, word);
    const auto answer = get("dev");
    ASSERT_FALSE(answer) << word;
    EXPECT_EQ(answer.error().kind, kind) << word;
    EXPECT_NE(answer.error().what.find(what), std::string::npos) << answer.error().what;
    EXPECT_NE(answer.error().hint.find(hint), std::string::npos) << answer.error().hint;
    EXPECT_EQ(secret::text_of(held().refresh_token), "refresh-1");
  }
}

TEST_F(LoginTest, what_is_still_good_is_used_where_it_cannot_be_renewed_and_that_is_said) {
  hold("ASIAFILE", minutes(3));
  then_refused(401, "TOKEN_EXPIRED");
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAFILE");
  ASSERT_FALSE(notes_.empty());
  EXPECT_NE(notes_[0].find("it ends in 3m"), std::string::npos) << notes_[0];
}

TEST_F(LoginTest, a_token_that_another_program_has_renewed_meanwhile_is_used) {
  hold("ASIAFILE", minutes(0));
  http_.then_do([&]() -> base::Result<http::Response> {
    hold("ASIACLI", minutes(15), "refresh-of-the-cli");
    return aws::reply(401, R"({"error":"TOKEN_EXPIRED"})", {{"x-amzn-errortype", "AccessDeniedException"}});
  });
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIACLI");
  EXPECT_EQ(secret::text_of(held().refresh_token), "refresh-of-the-cli");
}

TEST_F(LoginTest, without_a_sign_in_the_command_to_run_is_named_and_nothing_is_asked) {
  const auto answer = get("other");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::sign_in_needed);
  EXPECT_EQ(answer.error().hint, "run aws login --profile other");
  EXPECT_NE(answer.error().what.find("/config line 5"), std::string::npos) << answer.error().what;
  EXPECT_TRUE(http_.sent.empty());
  EXPECT_TRUE(prompt_.asked.empty());
}

TEST_F(LoginTest, a_damaged_file_is_named_and_stays) {
  std::ofstream(path_) << R"({"accessToken":{}})";
  const auto answer = get("dev");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find(path_), std::string::npos);
  EXPECT_EQ(answer.error().hint, "run aws login --profile dev");
  std::ifstream in(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), R"({"accessToken":{}})");
}

TEST_F(LoginTest, a_file_that_others_can_write_is_refused) {
  hold("ASIAFILE", minutes(10));
  chmod(path_.c_str(), 0666);
  const auto answer = get("dev");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
}

TEST_F(LoginTest, where_the_file_cannot_be_written_the_refresh_token_is_not_spent) {
  hold("ASIAFILE", minutes(3));
  std::filesystem::permissions(directory_ + "/login",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const auto answer = get("dev");
  std::filesystem::permissions(directory_ + "/login", std::filesystem::perms::owner_all);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAFILE");
  EXPECT_TRUE(http_.sent.empty());
  ASSERT_FALSE(notes_.empty());
  EXPECT_NE(notes_[0].find("cannot be written"), std::string::npos) << notes_[0];
}

TEST_F(LoginTest, tokens_go_to_no_endpoint_that_is_not_aws_own) {
  hold("ASIAFILE", minutes(0));
  environment_ = base::Environment{config_variable_, credentials_variable_, cache_variable_,
                                   "AWS_ENDPOINT_URL_SIGNIN=https://signin.example.com"};
  const auto answer = get("dev");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(LoginTest, a_role_is_assumed_with_it) {
  hold("ASIAFILE", minutes(10));
  then_session("AssumeRole", "ASIAROLEEXAMPLE00001", std::chrono::hours(1));
  const auto answer = get("role");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIAROLEEXAMPLE00001");
  EXPECT_NE(http_.sent[0].authorization.find("Credential=ASIAFILE/"), std::string::npos);
}

TEST_F(LoginTest, the_plan_names_the_file_the_line_and_the_endpoint) {
  Broker broker(around());
  Request request;
  request.profile = "dev";
  const auto chain = broker.explain(request);
  ASSERT_TRUE(chain) << chain.error().what;
  const Hop& hop = chain->hops.front();
  EXPECT_EQ(hop.kind, HopKind::login_session);
  EXPECT_TRUE(hop.where.ends_with("/config line 2")) << hop.where;
  EXPECT_EQ(hop.endpoint.url, "https://eu-west-1.signin.aws.amazon.com");
  EXPECT_TRUE(hop.cached);
  EXPECT_EQ(hop.details[1].value, path_);
}

}  // namespace
}  // namespace credentials
