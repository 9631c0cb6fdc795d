#include "deliver/browser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace deliver {
namespace {

bool may_open(std::string_view url, const std::vector<std::string>& more = {}) {
  return check_browser_url(url, more).has_value();
}

TEST(BrowserUrl, awss_own_pages_are_opened) {
  for (const auto* const url :
       {"https://signin.aws.amazon.com/federation?Action=login&Issuer=&Destination=https%3A%2F%2Fx&SigninToken=a-b_c",
        "https://eu-central-1.signin.aws.amazon.com/federation?Action=login",
        "https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1",
        "https://111122223333-abc.eu-central-1.console.aws.amazon.com/s3/home",
        "https://signin.amazonaws.cn/federation", "https://cn-northwest-1.console.amazonaws.cn/",
        "https://signin.amazonaws-us-gov.com/x", "https://us-gov-east-1.console.amazonaws-us-gov.com/x",
        "https://signin.amazonaws-eusc.eu/x", "https://d-90670b1234.awsapps.com/start/#/device?user_code=ABCD-EFGH",
        "https://start.us-gov-home.awsapps.com/directory/x", "https://ssoins-1.portal.eu-west-1.app.aws/",
        "https://oidc.eu-central-1.amazonaws.com/authorize?response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%3A4",
        "https://oidc.cn-north-1.amazonaws.com.cn/authorize", "https://device.sso.us-east-1.amazonaws.com/",
        "https://signin.aws.amazon.com:443/x"})
    EXPECT_TRUE(may_open(url)) << url;
}

TEST(BrowserUrl, this_machine_is_opened_over_http) {
  for (const auto* const url : {"http://127.0.0.1:8080/authorize?a=b", "http://[::1]:9/x", "http://localhost/",
                                "https://127.255.0.1/", "http://127.0.0.1"})
    EXPECT_TRUE(may_open(url)) << url;
}

TEST(BrowserUrl, a_configured_host_is_opened_over_https_only) {
  EXPECT_TRUE(may_open("https://sso.example.com/start", {"SSO.example.com"}));
  EXPECT_FALSE(may_open("http://sso.example.com/start", {"sso.example.com"}));
  EXPECT_FALSE(may_open("https://evil.sso.example.com/start", {"sso.example.com"}));
}

TEST(BrowserUrl, hosts_that_only_look_like_awss_are_refused) {
  for (const auto* const url :
       {"https://example.com/", "https://signin.aws.amazon.com.evil.test/", "https://evilsignin.aws.amazon.com/",
        "https://awsapps.com/", "https://xawsapps.com/start", "https://bucket.s3.amazonaws.com/",
        "https://oidc.x.evil.amazonaws.com/", "https://ec2-1-2-3-4.compute-1.amazonaws.com/",
        "https://a.b.signin.aws.amazon.com/", "http://signin.aws.amazon.com/", "https://127.0.0.1.evil.test/",
        "http://128.0.0.1/", "http://127.0.0.256/", "http://0.0.0.0/", "http://[::2]/", "http://169.254.169.254/"})
    EXPECT_FALSE(may_open(url)) << url;
}

TEST(BrowserUrl, hostile_forms_are_refused) {
  const std::string good = "https://signin.aws.amazon.com/";
  for (const std::string& url : {std::string("https://h/$(id)"),
                                 good + "$(id)",
                                 good + "`id`",
                                 good + "a b",
                                 good + "a\tb",
                                 good + "a\nb",
                                 good + "'x'",
                                 good + "\"x\"",
                                 good + ";id",
                                 good + "|id",
                                 good + "\\x",
                                 good + "<x>",
                                 good + "{x}",
                                 good + "!x",
                                 good + "*",
                                 good + "(x)",
                                 good + "^",
                                 good + "\x7f",
                                 good + "\x80",
                                 good + "ä",
                                 good + "%",
                                 good + "%4",
                                 good + "%zz",
                                 good + std::string(1, '\0') + "x",
                                 std::string("-flag"),
                                 std::string("--new-window"),
                                 std::string("file:///etc/passwd"),
                                 std::string("javascript:alert(1)"),
                                 std::string("data:text/html,x"),
                                 std::string("ftp://signin.aws.amazon.com/"),
                                 std::string("//signin.aws.amazon.com/"),
                                 std::string(""),
                                 std::string("https://"),
                                 std::string("https:///x"),
                                 std::string("HTTPS://signin.aws.amazon.com/"),
                                 std::string("https://signin.aws.amazon.com@evil.test/"),
                                 std::string("https://user:p@signin.aws.amazon.com/"),
                                 std::string("https://signin.aws.amazon.com\\@evil.test/"),
                                 std::string("https://signin.aws.amazon.com:x/"),
                                 std::string("https://signin.aws.amazon.com:0/"),
                                 std::string("https://signin.aws.amazon.com:65536/"),
                                 std::string("https://signin.aws.amazon.com:/"),
                                 std::string("https://signin%2eaws.amazon.com/"),
                                 std::string("https://signin.aws.amazon.com./"),
                                 std::string("https://SIGNIN.aws.amazon.com/"),
                                 std::string(" https://signin.aws.amazon.com/"),
                                 std::string("https://[::1/"),
                                 std::string("view-source:") + good,
                                 good + std::string(20'000, 'a')})
    EXPECT_FALSE(may_open(url)) << url;
}

TEST(BrowserUrl, the_error_shows_neither_query_nor_control_characters) {
  const auto refused = check_browser_url("https://h\x1b[31m/\n?token=SECRET", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::refused);
  EXPECT_EQ(refused.error().what.find("SECRET"), std::string::npos);
  EXPECT_EQ(refused.error().what.find_first_of("\x1b\n"), std::string::npos);
}

}  // namespace
}  // namespace deliver
