#include "http/callback_listener.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "http/loopback_client_for_test.h"
#include "http/loopback_server_for_test.h"
#include "secret/text_for_test.h"

#include <fcntl.h>
#include <netinet/in.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>

namespace http {
namespace {

using base::Duration;
using base::ErrorKind;
using secret::text_of;

constexpr char kState[] = "0f2b9f8e-7b55-4a51-9c4e-2f7d6d0c3a11";
constexpr Duration kLong{60'000};

/// Runs as the real one, and jumps when a test says so.
class JumpingClock final : public base::Clock {
 public:
  base::Instant now() const override { return real_.now(); }
  Duration monotonic() const override { return real_.monotonic() + Duration(ahead_.load()); }
  void sleep(Duration how_long) override { real_.sleep(how_long); }
  void jump(Duration by) { ahead_ += by.count(); }

 private:
  base::SystemClock real_;
  std::atomic<Duration::rep> ahead_ = 0;
};

/// All that comes until the other side closes.
std::string rest_of(const base::Descriptor& fd) {
  std::string out;
  char piece[4096];
  for (ssize_t count = 0; (count = read(fd.get(), piece, sizeof piece)) > 0;)
    out.append(piece, static_cast<std::size_t>(count));
  return out;
}

CallbackListener opened(const std::string& tables) {
  auto out = CallbackListener::open(tables);
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}

/// A listener that waits in a thread of its own.
struct Bench {
  JumpingClock clock;
  CallbackListener listener;
  std::uint16_t port = listener.port();
  std::future<base::Result<secret::Bytes>> result;

  explicit Bench(Duration patience = kLong, const std::string& tables = kSocketTables) : listener(opened(tables)) {
    result = std::async(std::launch::async, [this, patience] {
      return listener.wait({.path = "/oauth/callback", .state = kState}, clock, patience);
    });
  }
  std::string host() const { return "127.0.0.1:" + std::to_string(port); }
  std::string get(std::string_view target, std::string_view more = "") const {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + host() + "\r\n" + std::string(more) + "\r\n";
  }
  std::string good(std::string_view code = "CODE-1") const {
    return get("/oauth/callback?code=" + std::string(code) + "&state=" + kState);
  }
  std::string exchange(std::string_view request, int family = AF_INET) const {
    const auto fd = connected(family, port);
    EXPECT_TRUE(fd.valid());
    EXPECT_TRUE(send_text(fd.get(), request));
    return rest_of(fd);
  }
  bool is_waiting() const { return result.wait_for(std::chrono::seconds(0)) == std::future_status::timeout; }
};

TEST(CallbackListener, hands_over_the_code_and_shows_a_page_that_can_do_nothing) {
  Bench bench;
  const auto reply = bench.exchange(bench.good("a%2Bb%7E-_.%3D"));
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
  EXPECT_NE(reply.find("You are signed in, you may close this tab"), std::string::npos);
  for (const auto* header : {"Content-Security-Policy: default-src 'none'", "Cache-Control: no-store\r\n",
                             "Referrer-Policy: no-referrer\r\n", "Connection: close\r\n"})
    EXPECT_NE(reply.find(header), std::string::npos) << header;
  EXPECT_EQ(reply.find("a+b"), std::string::npos) << "nothing of the request is in the page";
  const auto code = bench.result.get();
  ASSERT_TRUE(code.has_value()) << code.error().what;
  EXPECT_EQ(text_of(*code), "a+b~-_.=");
}

TEST(CallbackListener, closes_its_port_after_the_good_request) {
  Bench bench;
  const auto idle = connected(AF_INET, bench.port);
  bench.exchange(bench.good());
  EXPECT_TRUE(bench.result.get().has_value());
  EXPECT_FALSE(connected(AF_INET, bench.port).valid());
  EXPECT_FALSE(connected(AF_INET6, bench.port).valid());
  EXPECT_EQ(rest_of(idle), "");
}

TEST(CallbackListener, answers_on_both_loopback_addresses_under_one_port) {
  Bench v4;
  v4.exchange(v4.good(), AF_INET);
  EXPECT_TRUE(v4.result.get().has_value());
  Bench v6;
  const std::string there = "[::1]:" + std::to_string(v6.port);
  v6.exchange("GET /oauth/callback?state=" + std::string(kState) + "&code=x HTTP/1.1\r\nHost: " + there + "\r\n\r\n",
              AF_INET6);
  EXPECT_TRUE(v6.result.get().has_value());
}

TEST(CallbackListener, listens_on_no_address_but_loopback) {
  const auto listener = CallbackListener::open();
  ASSERT_TRUE(listener.has_value());
  char port[8];
  snprintf(port, sizeof port, ":%04X", listener->port());
  std::size_t found = 0;
  for (const auto* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      const auto end = line.find(std::string(port) + " ");
      if (end == std::string::npos || line.find(" 0A ") == std::string::npos) continue;
      const auto address = line.substr(line.find(": ") + 2, end - line.find(": ") - 2);
      EXPECT_TRUE(address == "0100007F" || address == "00000000000000000000000001000000") << address;
      ++found;
    }
  }
  EXPECT_EQ(found, 2U);
}

// Every kind of wrong request; none may end the wait, and each gets a 4xx.
std::vector<std::string> bad_requests(const Bench& bench) {
  const std::string path = "/oauth/callback", state = std::string("state=") + kState;
  const std::string line = "GET " + path + "?code=x&" + state + " HTTP/1.1\r\n";
  const std::string host = "Host: " + bench.host() + "\r\n";
  std::vector<std::string> out;
  for (const auto& target : {
           path,
           path + "?",
           path + "?code=x",
           path + "?" + state,
           path + "?code=x&state=",
           path + "?code=x&state=0f2b9f8e-7b55-4a51-9c4e-2f7d6d0c3a12",
           path + "?code=x&state=0F2B9F8E-7B55-4A51-9C4E-2F7D6D0C3A11",
           path + "?code=x&" + state + "&" + state,
           path + "?code=x&" + state + "&state=",
           path + "?code=x&code=y&" + state,
           path + "?code=&" + state,
           path + "?code=%0d%0ax&" + state,
           path + "?code=%00&" + state,
           path + "?code=a+b&" + state,
           path + "?code=%zz&" + state,
           path + "?code=%4&" + state,
           path + "?code=x&" + state + "x",
           path + "?code=x&state=%30f2b9f8e-7b55-4a51-9c4e-2f7d6d0c3a1",
           path + "?CODE=x&STATE=" + kState,
           path + "?code=x;" + state,
           path + "?code=x&error=access_denied&" + state,
           path + "?error=access_denied",
           path + "?error=access_denied&state=wrong",
           path + "/?code=x&" + state,
           "/oauth//callback?code=x&" + state,
           "/oauth/%63allback?code=x&" + state,
           "/x/../oauth/callback?code=x&" + state,
           std::string("/favicon.ico"),
           std::string("/"),
           std::string("*"),
           "http://" + bench.host() + path + "?code=x&" + state,
       })
    out.push_back(bench.get(target));
  for (const auto* method : {"POST", "HEAD", "PUT", "OPTIONS", "DELETE", "TRACE", "CONNECT", "get", "GETT", "PRI"})
    out.push_back(method + line.substr(3) + host + "\r\n");
  for (const auto* name : {"evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.2", "0.0.0.0", "kabuto.localhost",
                           "127.0.0.1.evil.example", "", "user@127.0.0.1"})
    out.push_back(line + "Host: " + name + "\r\n\r\n");
  out.push_back(line + "Host: evil.example:" + std::to_string(bench.port) + "\r\n\r\n");
  out.push_back(line + "\r\n");
  out.push_back(line + host + host + "\r\n");
  out.push_back(line + host + "Content-Length: 5\r\n\r\nhello");
  out.push_back(line + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  out.push_back(line + host + "no colon\r\n\r\n");
  out.push_back(line + host + "X: a\r\n b\rc\r\n\r\n");
  out.push_back("GET " + path + "?code=x&" + state + " HTTP/9.9\r\n" + host + "\r\n");
  out.push_back("GET " + path + "\r\n\r\n");
  out.push_back("GET\r\n\r\n");
  out.push_back(std::string("\x16\x03\x01\x02\x00\x01", 6));
  out.push_back("\r\n\r\n");
  out.push_back(line + host + "Cookie: " + std::string(40'000, 'c'));
  out.push_back("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n");
  return out;
}

TEST(CallbackListener, survives_a_thousand_bad_requests_of_every_kind) {
  Bench bench;
  const auto bad = bad_requests(bench);
  for (std::size_t i = 0; i < 1000; ++i) {
    const auto& request = bad[i % bad.size()];
    const auto reply = bench.exchange(request, i % 3 == 0 ? AF_INET6 : AF_INET);
    ASSERT_TRUE(reply.starts_with("HTTP/1.1 4")) << request.substr(0, 200) << "\n->\n" << reply;
    ASSERT_EQ(reply.find("signed in,"), std::string::npos);
    ASSERT_TRUE(bench.is_waiting()) << request.substr(0, 200);
  }
  bench.exchange(bench.good());
  const auto code = bench.result.get();
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(text_of(*code), "CODE-1");
}

TEST(CallbackListener, hears_a_refusal_only_with_the_right_state) {
  Bench bench;
  bench.exchange(bench.get("/oauth/callback?error=access_denied&state=wrong"));
  EXPECT_TRUE(bench.is_waiting());
  const auto reply = bench.exchange(bench.get(
      std::string("/oauth/callback?error=access_denied&error_description=the+person%1b[31m+said+no&state=") + kState));
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(reply.find("The sign-in was refused"), std::string::npos);
  EXPECT_EQ(reply.find("said no"), std::string::npos);
  const auto code = bench.result.get();
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().kind, ErrorKind::denied);
  EXPECT_NE(code.error().what.find("access_denied: the person"), std::string::npos) << code.error().what;
  EXPECT_EQ(code.error().what.find('\x1b'), std::string::npos);
}

TEST(CallbackListener, takes_nothing_from_another_user_who_knows_the_state) {
  const base::OwnDirectory tables;
  // Tables in which the connection is not: as where another user has come, sent it and gone.
  std::ofstream(tables.path() + "/tcp") << "  sl  local_address rem_address\n";
  Bench bench(kLong, tables.path());
  for (const auto& request :
       {bench.good(), bench.get(std::string("/oauth/callback?error=access_denied&state=") + kState)}) {
    const auto reply = bench.exchange(request);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 403 Forbidden\r\n")) << reply;
    EXPECT_TRUE(bench.is_waiting());
  }
  // Where there is no table to ask, the state alone decides.
  std::filesystem::remove(tables.path() + "/tcp");
  EXPECT_TRUE(bench.exchange(bench.good()).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(bench.result.get().has_value());
}

TEST(CallbackListener, lets_slow_clients_wait_for_nobody_but_themselves) {
  Bench bench;
  const auto half = connected(AF_INET, bench.port);
  ASSERT_TRUE(send_text(half.get(), "GET /oauth/callback?code=x"));
  EXPECT_NE(bench.exchange(bench.get("/favicon.ico")).find("404"), std::string::npos) << "others are served meanwhile";
  bench.clock.jump(Duration(10'001));
  EXPECT_TRUE(rest_of(half).starts_with("HTTP/1.1 408 "));
  const auto pieces = connected(AF_INET, bench.port);
  for (const char c : bench.good()) ASSERT_TRUE(send_text(pieces.get(), std::string_view(&c, 1)));
  EXPECT_TRUE(rest_of(pieces).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(bench.result.get().has_value());
}

TEST(CallbackListener, a_crowd_of_idle_connections_does_not_keep_the_browser_out) {
  Bench bench;
  std::vector<base::Descriptor> crowd;
  crowd.reserve(300);
  for (int i = 0; i < 300; ++i) crowd.push_back(connected(AF_INET, bench.port));
  EXPECT_TRUE(bench.exchange(bench.good()).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(bench.result.get().has_value());
}

TEST(CallbackListener, says_that_nobody_came) {
  Bench bench(Duration(20));
  const auto code = bench.result.get();
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().kind, ErrorKind::sign_in_needed);
  EXPECT_FALSE(connected(AF_INET, bench.port).valid());
}

TEST(CallbackListener, goes_on_after_a_signal) {
  struct sigaction quiet{};
  struct sigaction before{};
  quiet.sa_handler = [](int) {};
  sigaction(SIGUSR1, &quiet, &before);
  auto listener = CallbackListener::open();
  ASSERT_TRUE(listener.has_value());
  const auto port = listener->port();
  const auto waiter = pthread_self();
  const std::string request = "GET /cb?code=x&state=" + std::string(kState) +
                              " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n\r\n";
  std::thread browser([&] {
    for (int i = 0; i < 20; ++i) {
      pthread_kill(waiter, SIGUSR1);
      std::this_thread::yield();
    }
    const auto fd = connected(AF_INET, port);
    send_text(fd.get(), request);
    rest_of(fd);
  });
  base::SystemClock clock;
  EXPECT_TRUE(listener->wait({.path = "/cb", .state = kState}, clock, kLong).has_value());
  browser.join();
  sigaction(SIGUSR1, &before, nullptr);
}

TEST(CallbackListener, its_sockets_are_not_inherited) {
  const auto listener = CallbackListener::open();
  ASSERT_TRUE(listener.has_value());
  int sockets = 0;
  for (int fd = 3; fd < 64; ++fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) continue;
    EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    ++sockets;
  }
  EXPECT_EQ(sockets, 2);
}

}  // namespace
}  // namespace http
