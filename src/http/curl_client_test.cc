// The client against servers that misbehave, over plain HTTP on loopback. TLS and proxies: curl_client_tls_test.cc.
#include "http/client.h"
#include "http/loopback_server_for_test.h"
#include "http/memory_for_test.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace http {
namespace {

using base::Duration;
using base::ErrorKind;
using Clock = std::chrono::steady_clock;

// Ten times what is asked for: the machine may be busy.
constexpr auto kPatience = std::chrono::seconds(10);

Request get(std::string url) {
  Request request;
  request.method = "GET";
  request.url = std::move(url);
  return request;
}

base::Result<Response> fetch(const Request& request, Limits limits = {}, const base::Environment& environment = {}) {
  return make_client(environment, {})->send(request, limits);
}

void expect_failure(const base::Result<Response>& reply, ErrorKind kind, std::string_view part) {
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, kind) << reply.error().what;
  EXPECT_NE(reply.error().what.find(part), std::string::npos) << reply.error().what;
}

TEST(CurlClient, a_head_request_does_not_wait_for_the_body_that_its_reply_names) {
  LoopbackServer server("HTTP/1.1 302 Found\r\nContent-Length: 5000\r\nLocation: https://x/\r\n\r\n");
  Request request;
  request.method = "HEAD";
  request.url = server.url();
  const auto reply = fetch(request);
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_EQ(reply->status, 302);
  EXPECT_EQ(reply->header("location"), "https://x/");
  EXPECT_TRUE(server.requests().at(0).starts_with("HEAD / HTTP/1.1\r\n"));
}

TEST(CurlClient, a_body_without_a_type_is_not_called_a_form) {
  LoopbackServer server(reply_text(""));
  Request request;
  request.url = server.url();
  ASSERT_TRUE(fetch(request).has_value());
  EXPECT_EQ(server.requests().at(0).find("Content-Type"), std::string::npos) << server.requests().at(0);
}

TEST(CurlClient, sends_body_headers_and_secret_headers_and_nothing_compressed) {
  LoopbackServer server(reply_text("hello", "200 OK\r\nDate: Tue, 29 Apr 2014 18:30:38 GMT"));
  Request request;
  request.url = server.url() + "path?a=b";
  request.headers.push_back({"Content-Type", "text/plain"});
  request.secret_headers.push_back({"X-Secret", secret::Bytes::copy_of("s3cret")});
  request.body = secret::Bytes::copy_of("body");
  const auto reply = fetch(request);
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(text_of(reply->body), "hello");
  EXPECT_EQ(reply->header("DATE"), "Tue, 29 Apr 2014 18:30:38 GMT");
  const auto sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with("POST /path?a=b HTTP/1.1\r\nHost: 127.0.0.1:")) << sent;
  EXPECT_NE(sent.find("\r\nX-Secret: s3cret\r\n"), std::string::npos);
  EXPECT_NE(sent.find("\r\nUser-Agent: kabuto/"), std::string::npos);
  EXPECT_TRUE(sent.ends_with("\r\n\r\nbody"));
  EXPECT_EQ(sent.find("Accept-Encoding"), std::string::npos);
  EXPECT_EQ(sent.find("Expect"), std::string::npos);
}

TEST(CurlClient, serves_calls_in_a_row_with_nothing_left_over_from_the_last) {
  LoopbackServer server(reply_text("x"));
  const auto client = make_client({}, {});
  Request first;
  first.url = server.url();
  first.secret_headers.push_back({"X-Secret", secret::Bytes::copy_of("s3cret")});
  first.body = secret::Bytes::copy_of("body");
  ASSERT_TRUE(client->send(first, {}).has_value());
  ASSERT_TRUE(client->send(get(server.url()), {}).has_value());
  const auto second = server.requests().at(1);
  EXPECT_TRUE(second.starts_with("GET ")) << second;
  EXPECT_EQ(second.find("s3cret"), std::string::npos);
  EXPECT_TRUE(second.ends_with("\r\n\r\n")) << second;
}

TEST(CurlClient, follows_no_redirect) {
  LoopbackServer elsewhere(reply_text("stolen"));
  for (const auto* status : {"301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"}) {
    LoopbackServer server(reply_text("", std::string(status) + "\r\nLocation: " + elsewhere.url()));
    auto request = get(server.url());
    request.headers.push_back({"Authorization", "AWS4-HMAC-SHA256 x"});
    const auto reply = fetch(request);
    ASSERT_TRUE(reply.has_value()) << reply.error().what;
    EXPECT_EQ(reply->status, std::stoi(status));
  }
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(CurlClient, reads_no_netrc) {
  const auto home = std::filesystem::temp_directory_path() / ("kabuto-netrc-" + std::to_string(getpid()));
  std::filesystem::create_directories(home);
  std::ofstream(home / ".netrc") << "default login canary password canary\n";
  const std::string before = getenv("HOME") != nullptr ? getenv("HOME") : "/";
  setenv("HOME", home.c_str(), 1);
  LoopbackServer server(reply_text("x", "401 Unauthorized\r\nWWW-Authenticate: Basic realm=x"));
  const auto reply = fetch(get(server.url()));
  setenv("HOME", before.c_str(), 1);
  std::filesystem::remove_all(home);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 401);
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests()[0].find("Authorization"), std::string::npos);
}

TEST(CurlClient, sends_plain_http_only_to_this_machine) {
  for (const auto* url :
       {"http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/", "http://0.0.0.0/"})
    expect_failure(fetch(get(url)), ErrorKind::refused, "plain http");
  for (const auto* url : {"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://u:p@127.0.0.1/"})
    expect_failure(fetch(get(url)), ErrorKind::refused, "URL");
}

TEST(CurlClient, refuses_line_ends_in_headers_before_connecting) {
  LoopbackServer server(reply_text("x"));
  for (const auto* value : {"a\r\nX-Evil: 1", "a\nb", "a\rb"}) {
    auto request = get(server.url());
    request.headers.push_back({"A", value});
    expect_failure(fetch(request), ErrorKind::refused, "header");
    auto secret_request = get(server.url());
    secret_request.secret_headers.push_back({"A", secret::Bytes::copy_of(value)});
    expect_failure(fetch(secret_request), ErrorKind::refused, "header");
  }
  auto named = get(server.url());
  named.headers.push_back({"A: b\r\nC", "d"});
  expect_failure(fetch(named), ErrorKind::refused, "header");
  auto host = get(server.url());
  host.headers.push_back({"host", "evil.example"});
  expect_failure(fetch(host), ErrorKind::refused, "Host");
  EXPECT_EQ(server.connections(), 0);
}

TEST(CurlClient, goes_straight_to_loopback_past_every_proxy_variable) {
  LoopbackServer server(reply_text("direct"));
  LoopbackServer proxy(reply_text("proxied"));
  const auto variable = "=http://user:pw@127.0.0.1:" + std::to_string(proxy.port());
  const auto https = "https_proxy" + variable, http = "http_proxy" + variable, all = "ALL_PROXY" + variable;
  setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);  // libcurl's own eyes
  const auto reply = fetch(get(server.url()), {}, {https, http, all});
  unsetenv("http_proxy");
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_EQ(text_of(reply->body), "direct");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(CurlClient, gives_up_at_its_deadline_on_servers_that_hang_or_drip) {
  LoopbackServer hang([&](int fd) { hang.hold(fd); });
  LoopbackServer drip([&](int fd) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 1000 && !drip.is_stopping() && send_text(fd, "x"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
  });
  LoopbackServer slow_headers([&](int fd) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\n");
    while (!slow_headers.is_stopping() && send_text(fd, "A: b\r\n"))
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
  });
  Limits limits;
  limits.total = Duration(300);
  for (const auto* server : {&hang, &drip, &slow_headers}) {
    const auto start = Clock::now();
    expect_failure(fetch(get(server->url()), limits), ErrorKind::unreachable, "in time");
    EXPECT_LT(Clock::now() - start, kPatience);
  }
}

TEST(CurlClient, gives_up_on_a_host_whose_queue_of_connections_is_full) {
  sockaddr_in address{};
  const int listener = listen_on_loopback(0, address);
  std::vector<int> waiting;
  for (int i = 0; i < 8; ++i) {
    waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    (void)connect(waiting.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  Limits limits;
  limits.connect = Duration(300);
  const auto start = Clock::now();
  const auto reply = fetch(get("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"), limits);
  expect_failure(reply, ErrorKind::unreachable, "in time");
  EXPECT_LT(Clock::now() - start, kPatience);
  for (const int fd : waiting) close(fd);
  close(listener);
}

TEST(CurlClient, takes_no_reply_that_was_cut_short) {
  const auto serve = [](const char* reply) {
    return [reply](int fd) {
      read_request(fd);
      send_text(fd, reply);
    };
  };
  LoopbackServer short_body(serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
  LoopbackServer short_chunk(serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf"));
  LoopbackServer no_last_chunk(serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"));
  LoopbackServer nothing(serve(""));
  LoopbackServer reset([](int fd) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    const linger now{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  });
  for (const auto* server : {&short_body, &short_chunk, &no_last_chunk, &nothing, &reset})
    expect_failure(fetch(get(server->url())), ErrorKind::unreachable, "cut short");
}

TEST(CurlClient, takes_nothing_that_is_not_http) {
  for (const auto* garbage :
       {"<html>hello</html>\n\n", "SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01"}) {
    LoopbackServer server{std::string(garbage)};
    const auto reply = fetch(get(server.url()));
    EXPECT_FALSE(reply.has_value()) << garbage;
  }
}

TEST(CurlClient, stops_reading_an_endless_body_at_its_limit) {
  LoopbackServer server([&](int fd) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
    for (int i = 0; i < 10 * 1024 && send_text(fd, chunk); ++i) {
    }  // 10 GiB
  });
  const auto start = Clock::now();
  expect_failure(fetch(get(server.url())), ErrorKind::refused, "more than 1024 KiB");
  EXPECT_LT(Clock::now() - start, kPatience);
}

TEST(CurlClient, stops_reading_a_flood_of_headers_at_its_limit) {
  LoopbackServer server([&](int fd) {
    read_request(fd);
    send_text(fd, "HTTP/1.1 200 OK\r\n");
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "X-Header-" + std::to_string(i) + ": value\r\n";
    for (int i = 0; i < 1000 && send_text(fd, many); ++i) {
    }
  });
  expect_failure(fetch(get(server.url())), ErrorKind::refused, "64 KiB of headers");
}

TEST(CurlClient, unpacks_nothing) {
  const std::string packed("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x04\x00", 14);
  LoopbackServer server(reply_text(packed, "200 OK\r\nContent-Encoding: gzip"));
  const auto reply = fetch(get(server.url()));
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_EQ(text_of(reply->body), packed);
}

TEST(CurlClient, names_a_host_that_refuses_the_connection) {
  expect_failure(fetch(get("http://127.0.0.1:1/")), ErrorKind::unreachable, "127.0.0.1");
}

TEST(CurlClient, tries_the_next_address_of_a_name) {
  LoopbackServer server(reply_text("x"));  // on IPv4 only; localhost is ::1 first
  const auto start = Clock::now();
  const auto reply = fetch(get("http://localhost:" + std::to_string(server.port()) + "/"));
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_LT(Clock::now() - start, kPatience);
}

TEST(CurlClient, says_when_no_time_is_left) {
  LoopbackServer server(reply_text("x"));
  Limits limits;
  limits.total = Duration(0);
  expect_failure(fetch(get(server.url()), limits), ErrorKind::unreachable, "no time left");
  EXPECT_EQ(server.connections(), 0);
}

TEST(CurlClient, dies_of_an_interrupt_at_once) {
  LoopbackServer server([&](int fd) { server.hold(fd); });
  const pid_t child = fork();
  if (child == 0) {
    (void)fetch(get(server.url()));
    _exit(0);
  }
  while (server.connections() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto start = Clock::now();
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(2));
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

TEST(CurlClient, leaves_no_secret_of_request_or_reply_in_memory) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer keeps freed memory and its own copies";
#endif
  // The server echoes the secret from another process, so that its copies do not count.
  sockaddr_in address{};
  const int listener = listen_on_loopback(4, address);
  const pid_t child = fork();
  if (child == 0) {
    const int fd = accept(listener, nullptr, nullptr);
    const auto request = read_request(fd);
    const auto at = request.find("X-Secret: ");
    send_text(fd, reply_text(request.substr(at + 10, 24)));
    _exit(at == std::string::npos ? 1 : 0);
  }
  const auto client = make_client({}, {});
  bool echoed = false;
  {
    Request request;
    request.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    request.secret_headers.push_back({"X-Secret", make_canary()});
    request.body = make_canary();
    EXPECT_GT(canaries_in_memory(), 0) << "the search itself finds nothing";
    const auto reply = client->send(request, {});
    ASSERT_TRUE(reply.has_value()) << reply.error().what;
    echoed = reply->body.equals(request.body);
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(listener);
  EXPECT_TRUE(echoed);
  EXPECT_EQ(canaries_in_memory(), 0);
}

}  // namespace
}  // namespace http
