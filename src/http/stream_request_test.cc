#include "http/stream_request.h"

#include "http/chunk_scanner.h"

#include <gtest/gtest.h>

namespace http {
namespace {

int status_of(const std::string& head) {
  const auto request = parse_stream_request(head);
  return request ? 200 : request.error().status;
}

std::string get(std::string_view more, std::string_view target = "/b/k") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1:80\r\n" + std::string(more) + "\r\n";
}

TEST(StreamRequest, is_read_with_its_framing) {
  const auto request = parse_stream_request(
      "PUT /b/k?acl HTTP/1.1\r\nHost: LocalHost:80\r\nContent-Length: 12\r\nExpect: 100-Continue\r\nX-A:  b \r\n\r\n");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method + request->target + request->host, "PUT/b/k?acllocalhost:80");
  EXPECT_EQ(request->framing, BodyFraming::length);
  EXPECT_EQ(request->length, 12U);
  EXPECT_TRUE(request->expects_continue && request->keep_alive && request->knows_chunks);
  EXPECT_EQ(*request->header("x-a"), "b");
  EXPECT_EQ(parse_stream_request(get("Transfer-Encoding: chunked\r\n"))->framing, BodyFraming::chunked);
  EXPECT_EQ(parse_stream_request(get("Content-Length: 0\r\n"))->framing, BodyFraming::none);
  EXPECT_FALSE(parse_stream_request(get("Connection: close\r\n"))->keep_alive);
  EXPECT_FALSE(parse_stream_request("GET / HTTP/1.0\r\nHost: 127.0.0.1:80\r\n\r\n")->knows_chunks);
}

TEST(StreamRequest, that_two_programs_could_read_in_two_ways_is_refused) {
  for (const auto* const more :
       {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n", "Content-Length: +1\r\n",
        "Content-Length: 0x1\r\n", "Content-Length: 99999999999999999999\r\n", "Content-Length: \r\n",
        "A: b\r\n c: d\r\n", "A: b\nC: d\r\n", "A: b\rC: d\r\n", "A : b\r\n", "A: b\x01\r\n", "Host: 127.0.0.1:80\r\n",
        "no colon\r\n"})
    EXPECT_EQ(status_of(get(more)), 400) << more;
  EXPECT_EQ(status_of(get(std::string_view("A: b\0c\r\n", 8))), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
}

TEST(StreamRequest, of_another_form_of_target_or_method_is_refused) {
  for (const auto* const target : {"http://evil.example/", "*", "b", "/a#b", "/a\\b", "/\xc3\xbc"})
    EXPECT_EQ(status_of(get("", target)), 400) << target;
  for (const auto* const method : {"OPTIONS", "TRACE", "CONNECT"})
    EXPECT_EQ(status_of(std::string(method) + " / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n"), 405) << method;
  EXPECT_EQ(status_of(get("Expect: something\r\n")), 417);
}

TEST(StreamRequest, v8_of_a_page_in_a_browser_is_refused) {
  for (const auto* const more : {"Origin: null\r\n", "Referer: http://x/\r\n", "Sec-Fetch-Site: same-origin\r\n"})
    EXPECT_EQ(status_of(get(more)), 403) << more;
}

/// What a body holds, by pieces of `step` bytes; "bad" where it is none.
std::string scanned(std::string_view body, std::size_t step) {
  ChunkScanner scanner;
  std::string out;
  while (true) {
    auto input = std::as_bytes(std::span(body.substr(0, step)));
    const auto given = input.size();
    const auto event = scanner.next(input);
    body.remove_prefix(given - input.size());
    switch (event) {
      case ChunkScanner::Event::chunk:
        out += "<" + std::string(scanner.extension());
        break;
      case ChunkScanner::Event::data:
        out.append(reinterpret_cast<const char*>(scanner.data().data()), scanner.data().size());
        break;
      case ChunkScanner::Event::end:
        out += ">";
        break;
      case ChunkScanner::Event::trailer:
        out += "[" + std::string(scanner.line()) + "]";
        break;
      case ChunkScanner::Event::done:
        return out + "." + std::string(body);
      case ChunkScanner::Event::bad:
        return "bad";
      case ChunkScanner::Event::more:
        if (body.empty()) return out + " more";
        break;
    }
  }
}

TEST(ChunkScanner, reads_chunks_extensions_and_trailers_in_pieces_of_any_size) {
  constexpr std::string_view kBody = "3;chunk-signature=ab\r\nabc\r\nA\r\n0123\r\n4567\r\n0;x\r\nt: v\r\n\r\nrest";
  for (std::size_t step = 1; step <= kBody.size(); ++step)
    EXPECT_EQ(scanned(kBody, step), "<chunk-signature=ababc><0123\r\n4567><x[t: v].rest") << step;
}

TEST(ChunkScanner, refuses_what_is_no_chunk) {
  for (const auto* const body :
       {"\r\n", "g\r\n", "-1\r\n", "0x1\r\n", "1\nx", "1\r\nxy\r\n", "ffffffffffffffff\r\n", "1 1\r\nx\r\n"})
    EXPECT_EQ(scanned(body, 64), "bad") << body;
  EXPECT_EQ(scanned("1;" + std::string(5000, 'x'), 64), "bad") << "an endless line";
  std::string trailers = "0\r\n";
  for (int i = 0; i < 40; ++i) trailers += "a: b\r\n";
  EXPECT_EQ(scanned(trailers + "\r\n", 64), "bad");
  EXPECT_EQ(scanned("5\r\nab", 64), "<ab more");
}

}  // namespace
}  // namespace http
