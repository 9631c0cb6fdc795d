#include "http/proxy.h"

#include <gtest/gtest.h>

namespace http {
namespace {

std::optional<std::string> chosen(const char* url, const base::Environment& environment) {
  const auto proxy = proxy_for(*parse_url(url), environment);
  EXPECT_TRUE(proxy.has_value()) << proxy.error().what;
  if (!proxy || !*proxy) return std::nullopt;
  return (*proxy)->url;
}

constexpr const char* kSts = "https://sts.eu-west-1.amazonaws.com/";

TEST(Proxy, comes_from_the_environment_lower_case_first) {
  EXPECT_EQ(chosen(kSts, {}), std::nullopt);
  EXPECT_EQ(chosen(kSts, {"HTTPS_PROXY=http://up:1"}), "http://up:1");
  EXPECT_EQ(chosen(kSts, {"HTTPS_PROXY=http://up:1", "https_proxy=http://low:2"}), "http://low:2");
  EXPECT_EQ(chosen(kSts, {"ALL_PROXY=socks5h://all:3"}), "socks5h://all:3");
  EXPECT_EQ(chosen(kSts, {"HTTPS_PROXY=", "https_proxy="}), std::nullopt);
}

TEST(Proxy, of_plain_http_is_not_used_for_https) { EXPECT_EQ(chosen(kSts, {"http_proxy=http://p:1"}), std::nullopt); }

TEST(Proxy, is_never_used_for_loopback) {
  const base::Environment all{"https_proxy=http://p:1", "http_proxy=http://p:1", "all_proxy=http://p:1"};
  for (const auto* url : {"http://127.0.0.1/", "https://127.0.0.1/", "http://localhost:9/", "https://[::1]/"})
    EXPECT_EQ(chosen(url, all), std::nullopt) << url;
}

TEST(Proxy, is_left_out_for_hosts_that_no_proxy_names) {
  for (const auto* exempt :
       {"no_proxy=*", "no_proxy=amazonaws.com", "no_proxy=.amazonaws.com", "NO_PROXY=a, .AmazonAWS.com",
        "no_proxy=sts.eu-west-1.amazonaws.com:443", "no_proxy=*.amazonaws.com"})
    EXPECT_EQ(chosen(kSts, {"https_proxy=http://p:1", exempt}), std::nullopt) << exempt;
  for (const auto* other : {"no_proxy=", "no_proxy=aws.com", "no_proxy=naws.com",
                            "no_proxy=sts.eu-west-1.amazonaws.com:80", "no_proxy=.", "no_proxy=10.0.0.0/8"})
    EXPECT_EQ(chosen(kSts, {"https_proxy=http://p:1", other}), "http://p:1") << other;
  EXPECT_EQ(chosen("https://10.1.2.3/", {"https_proxy=http://p:1", "no_proxy=10.0.0.0/8"}), std::nullopt);
  EXPECT_EQ(chosen("https://11.1.2.3/", {"https_proxy=http://p:1", "no_proxy=10.0.0.0/8"}), "http://p:1");
}

TEST(Proxy, has_the_port_of_its_scheme_where_none_is_given) {
  EXPECT_EQ(chosen(kSts, {"https_proxy=proxy.example"}), "http://proxy.example:80");
  EXPECT_EQ(chosen(kSts, {"https_proxy=https://proxy.example/"}), "https://proxy.example:443");
  EXPECT_EQ(chosen(kSts, {"https_proxy=socks5://[fd00::1]"}), "socks5://[fd00::1]:1080");
}

TEST(Proxy, keeps_user_and_password_apart_from_its_url) {
  const auto proxy = proxy_for(*parse_url(kSts), {"https_proxy=http://us%40er:p%3Aa:ss@h:8"});
  ASSERT_TRUE(proxy.has_value() && proxy->has_value());
  EXPECT_EQ((*proxy)->url, "http://h:8");
  EXPECT_TRUE((*proxy)->user.equals(secret::Bytes::copy_of("us@er")));
  EXPECT_TRUE((*proxy)->password.equals(secret::Bytes::copy_of("p:a:ss")));
}

TEST(Proxy, that_is_no_url_is_refused_without_showing_it) {
  for (const auto* bad :
       {"https_proxy=ftp://u:canary@h:1", "https_proxy=http://u:canary@h:1/path", "https_proxy=http://u:canary@",
        "https_proxy=http://u:canary%0d%0aX@h:1", "https_proxy=http://u:canary@h:99999"}) {
    const auto proxy = proxy_for(*parse_url(kSts), {bad});
    ASSERT_FALSE(proxy.has_value()) << bad;
    EXPECT_EQ((proxy.error().what + proxy.error().hint).find("canary"), std::string::npos);
    EXPECT_NE(proxy.error().what.find("https_proxy"), std::string::npos);
  }
}

}  // namespace
}  // namespace http
