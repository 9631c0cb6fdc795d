#include "http/server.h"

#include "http/loopback_client_for_test.h"
#include "http/loopback_server_for_test.h"
#include "http/reply.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace http {
namespace {

using base::Descriptor;
using base::Duration;

/// Says what was asked for; "/wait" waits until `is_there`.
class Echo final : public Service {
 public:
  std::atomic<bool> is_there = false;

  const secret::Bytes* answer(const RequestHead& head, Patience patience) override {
    if (head.target == "/wait" && !is_there && patience == Patience::some) return nullptr;
    const bool is_late = head.target == "/wait" && !is_there;
    reply_ = reply_of({.status = is_late ? 503 : 200, .content_type = "text/plain"},
                      secret::Bytes::copy_of(std::string(head.method) + " " + std::string(head.target) + "\n"));
    return &reply_;
  }

 private:
  secret::Bytes reply_;
};

/// A server in a thread of its own, until the end of the test.
class Bench {
 public:
  Echo echo;
  std::uint16_t port = 0;

  explicit Bench(ServerLimits limits = {}, const std::string& tables = kSocketTables)
      : wakes_(eventfd(0, EFD_CLOEXEC)) {
    auto sockets = listen_on_loopback();
    auto server = Server::open(std::move(*sockets), echo, limits, tables);
    EXPECT_TRUE(server.has_value());
    server_.emplace(std::move(*server));
    port = server_->port();
    EXPECT_TRUE(server_->watch(wakes_.get(), [this] {
      std::uint64_t count = 0;
      EXPECT_EQ(read(wakes_.get(), &count, sizeof count), 8);
      server_->resume(clock_);
    }));
    thread_ = std::thread([this] {
      while (!over_) EXPECT_TRUE(server_->turn(clock_, Duration(20)));
    });
  }
  ~Bench() {
    over_ = true;
    thread_.join();
  }
  void wake() const {
    const std::uint64_t one = 1;
    EXPECT_EQ(write(wakes_.get(), &one, sizeof one), 8);
  }
  std::string get(const std::string& target, const std::string& more = "") const {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" + more + "\r\n";
  }

 private:
  base::SystemClock clock_;
  Descriptor wakes_;
  std::optional<Server> server_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

Descriptor connected(std::uint16_t port, int family = AF_INET) {
  Descriptor fd = http::connected(family, port);
  EXPECT_TRUE(fd.valid());
  return fd;
}

void say(const Descriptor& fd, std::string_view text) {
  EXPECT_EQ(send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

/// What comes until `count` bodies' ends, or the end of the connection.
std::string heard(const Descriptor& fd, int count = 1) {
  std::string out;
  char piece[4096];
  const auto ends = [&] {
    int found = 0;
    for (auto at = out.find('\n'); at != out.npos; at = out.find('\n', at + 1)) found += at == 0 || out[at - 1] != '\r';
    return found;
  };
  while (ends() < count) {
    const auto got = read(fd.get(), piece, sizeof piece);
    if (got <= 0) break;
    out.append(piece, static_cast<std::size_t>(got));
  }
  return out;
}

std::string asked(const Bench& bench, const std::string& request) {
  const auto fd = connected(bench.port);
  say(fd, request);
  return heard(fd);
}

TEST(Server, it_answers_many_requests_of_one_connection_over_both_addresses) {
  const Bench bench;
  for (const int family : {AF_INET, AF_INET6}) {
    const auto fd = connected(bench.port, family);
    for (int i = 0; i < 3; ++i) {
      say(fd, bench.get("/" + std::to_string(i)));
      EXPECT_TRUE(heard(fd).ends_with("GET /" + std::to_string(i) + "\n"));
    }
  }
}

TEST(Server, requests_in_pieces_and_several_at_once_are_answered_in_order) {
  const Bench bench;
  const auto fd = connected(bench.port);
  const std::string all = bench.get("/1") + bench.get("/2") + bench.get("/3");
  for (std::size_t i = 0; i < all.size(); i += 7) say(fd, std::string_view(all).substr(i, 7));
  const auto text = heard(fd, 3);
  EXPECT_LT(text.find("GET /1\n"), text.find("GET /2\n"));
  EXPECT_TRUE(text.ends_with("GET /3\n")) << text;
}

TEST(Server, what_it_refuses_gets_its_status_no_leave_for_other_origins_and_an_end) {
  const Bench bench;
  const std::string host = "Host: 127.0.0.1:" + std::to_string(bench.port) + "\r\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {bench.get("/", "Origin: null\r\n"), "403 "},
      {"OPTIONS / HTTP/1.1\r\n" + host + "\r\n", "405 "},
      {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "400 "},
      {"\x16\x03\x01", "400 "},
      {bench.get("/", "Content-Length: 3\r\n") + "abc", "413 "},
      {bench.get("/", "Transfer-Encoding: chunked\r\n"), "413 "},
      {bench.get("/", "A: " + std::string(20000, 'x') + "\r\n"), "431 "}};
  for (const auto& [request, status] : cases) {
    const auto fd = connected(bench.port);
    say(fd, request);
    const auto text = heard(fd, 1000);  // until the end
    EXPECT_TRUE(text.starts_with("HTTP/1.1 " + status)) << request << text;
    EXPECT_EQ(text.find("Access-Control"), text.npos);
    EXPECT_EQ(text.find("text/html"), text.npos);
    EXPECT_EQ(text.find("GET /\n"), text.npos);
  }
}

TEST(Server, a_client_that_wants_no_more_is_let_go) {
  const Bench bench;
  const auto fd = connected(bench.port);
  say(fd, bench.get("/", "Connection: close\r\n"));
  EXPECT_TRUE(heard(fd, 1000).ends_with("GET /\n"));
}

TEST(Server, a_head_that_does_not_end_in_time_is_told_so_and_an_idle_connection_closed) {
  const Bench bench({.head_time = Duration(60)});
  const auto slow = connected(bench.port);
  const auto idle = connected(bench.port);
  say(slow, "GET / HTTP/1.1\r\nA: ");
  EXPECT_TRUE(heard(slow, 1000).starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(heard(idle, 1000), "");
}

TEST(Server, at_the_cap_the_oldest_goes_and_the_newest_is_served) {
  const Bench bench({.most_connections = 8});
  std::vector<Descriptor> crowd;
  for (int i = 0; i < 30; ++i) crowd.push_back(connected(bench.port));
  EXPECT_TRUE(asked(bench, bench.get("/honest")).ends_with("GET /honest\n"));
  EXPECT_EQ(heard(crowd.front(), 1000), "");
}

TEST(Server, a_thousand_idle_clients_do_not_slow_an_honest_one) {
  const Bench bench;
  std::vector<Descriptor> crowd;
  for (int i = 0; i < 1000; ++i) {
    crowd.push_back(connected(bench.port));
    if (i % 2 == 0) say(crowd.back(), "GET / HTTP/1.1\r\nX-Slow: ");
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(asked(bench, bench.get("/honest")).ends_with("GET /honest\n"));
  // ten times the bar's 100 ms
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(Server, a_request_may_wait_for_what_comes_and_not_for_ever) {
  Bench bench({.patience = Duration(100)});
  EXPECT_TRUE(asked(bench, bench.get("/wait")).starts_with("HTTP/1.1 503 "));
  Bench patient({.patience = Duration(60'000)});
  const auto fd = connected(patient.port);
  say(fd, patient.get("/wait") + patient.get("/after"));
  EXPECT_TRUE(asked(patient, patient.get("/other")).ends_with("GET /other\n"));
  patient.echo.is_there = true;
  patient.wake();
  const auto text = heard(fd, 2);
  EXPECT_NE(text.find("200 OK"), text.npos);
  EXPECT_TRUE(text.ends_with("GET /after\n"));
}

TEST(LoopbackSockets, only_listening_sockets_of_loopback_are_taken_over) {
  auto own = listen_on_loopback();
  ASSERT_TRUE(own);
  const auto port = own->port;
  auto taken = adopt_loopback_sockets(own->v4.release(), own->v6.release());
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->port, port);
  const Descriptor plain(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(adopt_loopback_sockets(plain.get(), -1));
  EXPECT_EQ(listen(plain.get(), 1), 0);  // bound by this to every address
  EXPECT_FALSE(adopt_loopback_sockets(plain.get(), -1));
  EXPECT_FALSE(adopt_loopback_sockets(-1, -1));
}

TEST(Reply, a_body_of_an_error_is_json_whatever_is_in_it) {
  const auto body = error_body("Code", "a \"quote\", a \\ and a \n line");
  body.reveal_text([](std::string_view text) {
    EXPECT_EQ(text, "{\"code\":\"Code\",\"message\":\"a \\\"quote\\\", a \\\\ and a \\\\u{a} line\"}\n");
  });
}

}  // namespace
}  // namespace http
