#include "http/url.h"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(Url, is_taken_apart) {
  const auto url = parse_url("https://STS.eu-west-1.amazonaws.com:8443/a/b?c=d");
  ASSERT_TRUE(url.has_value()) << url.error().what;
  EXPECT_EQ(url->host, "sts.eu-west-1.amazonaws.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/b?c=d");
  EXPECT_EQ(parse_url("https://h?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://h")->port, 80);
  EXPECT_EQ(parse_url("https://[::1]:9/")->host, "::1");
}

TEST(Url, with_anything_a_reader_could_miss_is_refused) {
  for (const auto* text : {"",
                           "https://",
                           "ftp://h/",
                           "//h/",
                           "h",
                           "HTTPS://h/",
                           "https://user@h/",
                           "https://user:pw@h/",
                           "https://h@evil/",
                           "https://sts.x@127.0.0.1:1/#.amazonaws.com",
                           "https://h/#f",
                           "https://h\\@evil/",
                           "https://h /",
                           "https://h/\r\nX: y",
                           "https://h/\n",
                           "https://h:0/",
                           "https://h:65536/",
                           "https://h:/",
                           "https://h:12a/",
                           "https://h:+1/",
                           "https://127.1/",
                           "https://2130706433/",
                           "https://0x7f.0.0.0x1/",
                           "https://127.0.0.01/",
                           "https://256.0.0.1/",
                           "https://[::1/",
                           "https://[::1]x/",
                           "https://[v1.x]/",
                           "https://a..b/",
                           "https://-a/",
                           "https://a-/",
                           "https://.a/",
                           "https://a_b/",
                           "https://us-east-\xd9\xa1.x/",
                           "https://%31/",
                           "https://a,b/",
                           "https://h/\x7f"})
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  EXPECT_FALSE(parse_url(std::string("https://h/\0", 11)).has_value());
  EXPECT_FALSE(parse_url("https://h/" + std::string(9000, 'a')).has_value());
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'a') + ".com/").has_value());
}

TEST(Url, error_never_shows_what_was_refused) {
  const auto url = parse_url("https://user:pa55word@host/");
  ASSERT_FALSE(url.has_value());
  EXPECT_EQ(url.error().what.find("pa55word"), std::string::npos);
}

TEST(Url, loopback_is_only_what_every_resolver_takes_for_it) {
  for (const auto* host : {"localhost", "a.localhost", "127.0.0.1", "127.255.0.9", "::1"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const auto* host :
       {"127.0.0.1.evil.example", "localhost.evil.example", "127.1", "0.0.0.0", "::", "128.0.0.1", ""})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

}  // namespace
}  // namespace http
