#include "http/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

constexpr std::uint16_t kPort = 4711;

HeadState parsed(std::string_view text, RequestHead& head) {
  return parse_request_head(std::as_bytes(std::span(text)), head);
}

/// The refusal of a whole head; -1 for one that is none.
int judged(const std::string& lines) {
  RequestHead head;
  const std::string text = lines + "\r\n";
  return parsed(text, head) == HeadState::whole ? refusal_of(head, kPort) : -1;
}

std::string with(const std::string& fields) { return "GET /a HTTP/1.1\r\n" + fields; }
const std::string kHost = "Host: 127.0.0.1:4711\r\n";

TEST(RequestHead, a_head_is_taken_apart_where_it_lies) {
  RequestHead head;
  const std::string text = "GET /a?b HTTP/1.1\r\nHost: x\r\nAuthorization:  token \r\n\r\nGET /next";
  ASSERT_EQ(parsed(text, head), HeadState::whole);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.one("authorization"), "token");
  EXPECT_EQ(head.size, text.size() - 9);
  EXPECT_TRUE(head.keeps_alive);
  const char* const value = head.one("Authorization")->data();
  EXPECT_TRUE(value > text.data() && value < text.data() + text.size());
}

TEST(RequestHead, it_is_partial_until_its_empty_line) {
  RequestHead head;
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(parsed(std::string_view(text).substr(0, size), head), HeadState::partial) << size;
}

TEST(RequestHead, what_is_no_http_is_malformed) {
  RequestHead head;
  for (const std::string text :
       {"\x16\x03\x01", "GET / HTTP/2.0\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nHost x\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\n\tA: b\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"})
    EXPECT_EQ(parsed(text, head), HeadState::malformed) << text;
}

TEST(RequestHead, it_says_whether_a_body_follows_and_the_connection_stays) {
  RequestHead head;
  ASSERT_EQ(parsed("PUT / HTTP/1.1\r\nContent-Length: 7\r\nConnection: close\r\n\r\nabc", head), HeadState::whole);
  EXPECT_EQ(head.body_size, 7U);
  EXPECT_FALSE(head.keeps_alive);
  ASSERT_EQ(parsed("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", head), HeadState::whole);
  EXPECT_TRUE(head.is_chunked);
  ASSERT_EQ(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", head), HeadState::whole);
  EXPECT_FALSE(head.keeps_alive);
}

TEST(RequestHead, a_field_that_comes_twice_is_not_the_one) {
  RequestHead head;
  ASSERT_EQ(parsed("GET / HTTP/1.1\r\nA: 1\r\na: 2\r\n\r\n", head), HeadState::whole);
  EXPECT_FALSE(head.one("A"));
  EXPECT_TRUE(head.has("A"));
  EXPECT_FALSE(head.has("B"));
}

TEST(RefusalOf, our_three_names_with_our_port_are_answered) {
  for (const std::string host : {"127.0.0.1:4711", "[::1]:4711", "localhost:4711", "LocalHost:4711"})
    EXPECT_EQ(judged(with("Host: " + host + "\r\n")), 0) << host;
}

TEST(RefusalOf, any_other_host_is_not) {
  for (const std::string host :
       {"evil.example", "evil.example:4711", "127.0.0.1", "127.0.0.1:4712", "127.0.0.1.evil:4711", "127.0.0.1:04711",
        "::1:4711", "", "127.0.0.1:4711:4711", "127.0.0.1:4711@evil.example", "0.0.0.0:4711", "127.0.0.2:4711"})
    EXPECT_EQ(judged(with("Host: " + host + "\r\n")), 400) << host;
  EXPECT_EQ(judged(with("")), 400);
  EXPECT_EQ(judged(with(kHost + kHost)), 400);
  EXPECT_EQ(judged("GET http://127.0.0.1:4711/a HTTP/1.1\r\n" + kHost), 400);
}

TEST(RefusalOf, no_browser_is_answered) {
  for (const std::string mark : {"Origin: null", "origin: http://127.0.0.1:4711", "Referer: x", "Sec-Fetch-Site: none",
                                 "sec-fetch-mode: cors", "Sec-Fetch-Anything: "})
    EXPECT_EQ(judged(with(kHost + mark + "\r\n")), 403) << mark;
  EXPECT_EQ(judged("OPTIONS /a HTTP/1.1\r\n" + kHost + "Origin: null\r\n"), 405);
}

}  // namespace
}  // namespace http
