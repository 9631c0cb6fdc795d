#include "http/plain_http.h"

#include "http/url.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace http {
namespace {

bool address_may(const char* text, PlainHttp to) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) return may_go_plain(reinterpret_cast<const sockaddr&>(four), to);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &six.sin6_addr), 1) << text;
  return may_go_plain(reinterpret_cast<const sockaddr&>(six), to);
}

TEST(PlainHttp, only_the_listed_addresses_serve_metadata) {
  for (const auto* host :
       {"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "fd00:0ec2:0:0::23"}) {
    EXPECT_TRUE(is_metadata_host(host)) << host;
    EXPECT_TRUE(may_go_plain(std::string_view(host), PlainHttp::metadata)) << host;
    EXPECT_TRUE(address_may(host, PlainHttp::metadata)) << host;
    EXPECT_FALSE(may_go_plain(std::string_view(host), PlainHttp::loopback)) << host;
    EXPECT_FALSE(address_may(host, PlainHttp::loopback)) << host;
  }
  for (const auto* host :
       {"169.254.169.253", "169.254.0.1", "169.254.170.3", "10.0.0.1", "fd00:ec2::22", "fe80::1", "::"}) {
    EXPECT_FALSE(may_go_plain(std::string_view(host), PlainHttp::metadata)) << host;
    EXPECT_FALSE(address_may(host, PlainHttp::metadata)) << host;
  }
}

TEST(PlainHttp, this_machine_itself_is_always_allowed) {
  for (const auto to : {PlainHttp::loopback, PlainHttp::metadata}) {
    EXPECT_TRUE(may_go_plain(std::string_view("localhost"), to));
    for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1"}) {
      EXPECT_TRUE(may_go_plain(std::string_view(host), to)) << host;
      EXPECT_TRUE(address_may(host, to)) << host;
    }
  }
}

TEST(PlainHttp, an_address_in_another_disguise_is_refused) {
  EXPECT_FALSE(address_may("::ffff:10.0.0.1", PlainHttp::metadata));
  EXPECT_FALSE(address_may("::ffff:169.254.169.254", PlainHttp::metadata));
  EXPECT_FALSE(may_go_plain(std::string_view("metadata.google.internal"), PlainHttp::metadata));
  EXPECT_FALSE(may_go_plain(std::string_view("169.254.169.254.nip.io"), PlainHttp::metadata));
  const sockaddr other{};
  EXPECT_FALSE(may_go_plain(other, PlainHttp::metadata));
}

}  // namespace
}  // namespace http
