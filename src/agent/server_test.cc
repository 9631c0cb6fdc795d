// The server over its real socket, with clocks of the test's own: limits, clients of every kind, and what each request
// may do.
#include "agent/server.h"

#include "agent/agent_keys.h"
#include "agent/client.h"
#include "aws/sigv4.h"
#include "secret/doubles_for_test.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <thread>

namespace agent {
namespace {

using namespace std::chrono_literals;

/// Sleep is told by writing a byte.
class FakeSleep final : public SleepSignal {
 public:
  explicit FakeSleep(std::function<void()> lock, int fd) : lock_(std::move(lock)), fd_(fd) {}
  int fd() const override { return fd_; }
  short events() const override { return POLLIN_; }
  void process() override {
    char byte = 0;
    if (::recv(fd_, &byte, 1, MSG_DONTWAIT) == 1) lock_();
  }
  std::string problem() const override { return {}; }

 private:
  static constexpr short POLLIN_ = 1;
  std::function<void()> lock_;
  int fd_;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sleep_), 0);
    const secret::SlotChoice choice{secret::SlotKind::key_file, own_.path() + "/key"};
    auto store = secret::Store::create(own_.places(), choice, unlocker_);
    ASSERT_TRUE(store) << store.error().what;
    store_.emplace(std::move(*store));
    key_.emplace(std::move(*store_->unlock(unlocker_)));
    secret::Changes changes;
    changes.put_key({"dev", "AKIADEV", clock_.now(), "111111111111", ""}, secret::Bytes::copy_of("SECRETDEV"));
    changes.put({.kind = "sign-in", .name = "corp", .fields = {{"a", "b"}}}, secret::Bytes::copy_of("TOKENS"));
    ASSERT_TRUE(store_->apply(changes, &*key_));
  }
  void TearDown() override {
    if (thread_.joinable()) {
      client().stop().value();
      thread_.join();
    }
    for (const int fd : sleep_) close(fd);
  }

  void start() {
    auto listener = Listener::open(place());
    ASSERT_TRUE(listener) << listener.error().what;
    ASSERT_TRUE(*listener);
    thread_ = std::thread([this, listener = std::move(**listener)]() mutable {
      Server server(
          {.environment = environment_,
           .places = own_.places(),
           .version = "1.2.3",
           .times = [this] { return times(); },
           .note = [](std::string_view) {},
           .sleep_signal =
               [this](std::function<void()> lock) { return std::make_unique<FakeSleep>(std::move(lock), sleep_[0]); }},
          std::move(listener));
      server.run();
    });
  }
  Times times() const {
    const Times now = times_now();
    const base::Duration ahead{ahead_.load()};
    return {now.wall + ahead, now.boot + ahead, now.awake + ahead};
  }
  Place place() const { return find_place(environment_, own_.places()); }
  Client client(Use use = Use::yes) {
    return Client({.environment = environment_,
                   .clock = system_,
                   .places = own_.places(),
                   .version = "1.2.3",
                   .use = use,
                   .note = [this](std::string_view line) { notes_ += line; }});
  }
  void unlock() { client().hand_over(*store_, *key_, Start::never); }
  std::string string_to_sign(const std::string& service = "sts", base::Duration off = 0s) const {
    const std::string stamp = base::basic_iso8601(times().wall + off);
    return "AWS4-HMAC-SHA256\n" + stamp + "\n" + stamp.substr(0, 8) + "/eu-west-1/" + service + "/aws4_request\n" +
           std::string(64, 'a');
  }
  /// A client of our own making that sends what it likes.
  base::Descriptor raw() { return std::move(**connect_to(place())); }

  const secret::OwnDirectory own_;
  const base::Environment environment_{"HOME=/nowhere"};
  base::SystemClock system_;
  base::FakeClock clock_;
  secret::FakeAsker asker_{{}};
  secret::FakeSecretService service_;
  secret::FakeTpm tpm_;
  secret::Unlocker unlocker_{clock_, asker_, service_, tpm_, secret::quick_limits()};
  std::optional<secret::Store> store_;
  std::optional<secret::DataKey> key_;
  std::atomic<long> ahead_ = 0;
  int sleep_[2] = {-1, -1};
  std::string notes_;
  std::thread thread_;
};

TEST_F(ServerTest, without_an_agent_nothing_is_unlocked_and_nobody_is_told_off) {
  Client alone = client();
  EXPECT_FALSE(alone.is_unlocked());
  EXPECT_FALSE(alone.status().value());
  EXPECT_FALSE(*alone.lock());
  EXPECT_EQ(notes_, "");
}

TEST_F(ServerTest, a_locked_agent_signs_nothing_and_one_that_got_the_key_signs_as_the_key_itself) {
  start();
  EXPECT_EQ(client().sign("AKIADEV", string_to_sign()).error().kind, base::ErrorKind::store_locked);
  unlock();
  Client user = client();
  ASSERT_TRUE(user.is_unlocked());
  const std::string text = string_to_sign();
  const auto scope = aws::scope_of_string_to_sign(text);
  ASSERT_TRUE(scope);
  EXPECT_EQ(user.sign("AKIADEV", text).value(), aws::signature_of(secret::Bytes::copy_of("SECRETDEV"), *scope, text));
  EXPECT_EQ(notes_, "");
}

TEST_F(ServerTest, it_signs_for_sts_and_iam_now_and_for_keys_that_it_has) {
  start();
  unlock();
  Client user = client();
  EXPECT_TRUE(user.sign("AKIADEV", string_to_sign("iam")));
  EXPECT_EQ(user.sign("AKIADEV", string_to_sign("s3")).error().kind, base::ErrorKind::refused);
  EXPECT_EQ(user.sign("AKIADEV", string_to_sign("sts", 26h)).error().kind, base::ErrorKind::refused);
  EXPECT_EQ(user.sign("AKIAOTHER", string_to_sign()).error().kind, base::ErrorKind::refused);
  EXPECT_EQ(user.sign("AKIADEV", "anything").error().kind, base::ErrorKind::refused);
  EXPECT_EQ(user.sign("AKIADEV", string_to_sign() + "\n").error().kind, base::ErrorKind::refused);
}

TEST_F(ServerTest, sign_ins_are_opened_and_sealed_and_nothing_else_is) {
  start();
  unlock();
  Client user = client();
  EXPECT_EQ(secret::text_of(*user.open_sign_in("corp")), "TOKENS");
  EXPECT_FALSE(user.open_sign_in("dev"));
  ASSERT_TRUE(user.seal_sign_in({.kind = "key", .name = "dev", .fields = {{"c", "d"}}}, secret::Bytes::copy_of("NEW")));
  const auto store = secret::Store::open(own_.places());
  EXPECT_EQ(secret::text_of(*store->secret_of(*key_, "sign-in", "dev")), "NEW");
  EXPECT_EQ(secret::text_of(*store->secret_access_key(*key_, "dev")), "SECRETDEV");
}

TEST_F(ServerTest, a_key_that_does_not_open_the_store_is_refused) {
  start();
  Client user = client();
  user.hand_over(*store_, secret::DataKey(secret::Bytes(32)), Start::never);
  EXPECT_NE(notes_.find("not the store's key"), std::string::npos) << notes_;
  user.hand_over(*store_, secret::DataKey(secret::Bytes(5)), Start::never);
  EXPECT_FALSE(client().is_unlocked());
}

TEST_F(ServerTest, it_locks_after_ten_idle_minutes_and_not_while_somebody_holds_it) {
  start();
  unlock();
  {
    Client holder = client();
    ASSERT_TRUE(holder.hold());
    ahead_ = base::Duration(3h).count();
    EXPECT_TRUE(client().is_unlocked());
  }
  // The hold's end is seen by the server, not by us: a whole round trip after it.
  EXPECT_TRUE(client().is_unlocked());
  ahead_ = base::Duration(3h + 11min).count();
  EXPECT_FALSE(client().is_unlocked());
  EXPECT_EQ(secret::field(**client().status(), "why"), "it was not used for 10 minutes");
}

TEST_F(ServerTest, it_locks_when_it_is_asked_to_and_when_the_machine_goes_to_sleep) {
  start();
  unlock();
  EXPECT_TRUE(*client().lock());
  EXPECT_FALSE(client().is_unlocked());
  unlock();
  ASSERT_TRUE(client().is_unlocked());
  ASSERT_EQ(write(sleep_[1], "s", 1), 1);
  while (client().is_unlocked()) std::this_thread::yield();
  EXPECT_EQ(secret::field(**client().status(), "why"), "the machine went to sleep");
}

TEST_F(ServerTest, only_one_lives_at_a_place_and_a_dead_ones_socket_is_replaced) {
  start();
  EXPECT_FALSE(*Listener::open(place()));
  client().stop().value();
  thread_.join();
  struct stat facts{};
  EXPECT_EQ(stat(place().socket_path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
  start();
  EXPECT_TRUE(client().status().value());
}

TEST_F(ServerTest, a_frame_that_is_none_ends_the_connection_and_harms_nobody) {
  start();
  unlock();
  const std::string_view frames[] = {std::string_view("\0\0\0\0", 4),           std::string_view("\x40\0\0\0", 4),
                                     std::string_view("\0\0\0\1\x63", 5),       std::string_view("\0\0\0\2\x03x", 6),
                                     std::string_view("\0\0\0\1\3", 5),         std::string_view("\0\0\0\1\2", 5),
                                     std::string_view("GET / HTTP/1.1\r\n\r\n")};
  for (const auto frame : frames) {
    const base::Descriptor fd = raw();
    ASSERT_EQ(write(fd.get(), frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
    shutdown(fd.get(), SHUT_WR);
    char byte = 0;
    // Either nothing, or the one line that says to say hello first.
    while (read(fd.get(), &byte, 1) == 1) {
    }
  }
  EXPECT_TRUE(client().is_unlocked());
}

TEST_F(ServerTest, hundreds_of_idle_clients_and_slow_ones_do_not_keep_an_honest_one_waiting) {
  start();
  unlock();
  std::vector<base::Descriptor> idle;
  for (int i = 0; i < 800; ++i) {
    auto fd = connect_to(place());
    if (!fd || !*fd) break;
    if (i % 2 == 0) {
      ASSERT_EQ(write((*fd)->get(), "\0\0", 2), 2);
    }
    idle.push_back(std::move(**fd));
  }
  EXPECT_GE(idle.size(), 800u);
  const auto before = system_.monotonic();
  EXPECT_TRUE(client().sign("AKIADEV", string_to_sign()));
  EXPECT_LT(system_.monotonic() - before, 2s);  // tests/fault measures 100 ms on the release build
}

TEST_F(ServerTest, who_is_silent_for_ten_seconds_is_let_go_and_a_client_comes_back_by_itself) {
  start();
  unlock();
  Client user = client();
  ASSERT_TRUE(user.is_unlocked());
  const base::Descriptor silent = raw();
  ASSERT_TRUE(client().is_unlocked());  // it has been accepted before this
  ahead_ = base::Duration(11s).count();
  EXPECT_TRUE(client().is_unlocked());  // a turn of the loop
  char byte = 0;
  EXPECT_EQ(read(silent.get(), &byte, 1), 0);
  EXPECT_TRUE(user.sign("AKIADEV", string_to_sign()));
}

TEST_F(ServerTest, it_ends_when_its_socket_is_gone) {
  start();
  ASSERT_TRUE(client().status().value());
  ASSERT_EQ(unlink(place().socket_path().c_str()), 0);
  ASSERT_EQ(write(sleep_[1], "x", 1), 1);  // a turn of the loop
  thread_.join();
}

TEST_F(ServerTest, an_agent_of_another_protocol_is_ended_once_and_with_one_line) {
  start();
  const base::Descriptor fd = raw();
  // A client of protocol 0: only `stop` is for it.
  const auto zero = secret::Bytes::copy_of("0");
  const auto version = secret::Bytes::copy_of("0.0.1");
  const std::array<const secret::Bytes*, 2> parts{&zero, &version};
  const auto ask = [&](const secret::Bytes& body) {
    std::string frame(reinterpret_cast<const char*>(frame_header(body.size()).data()), kHeaderBytes);
    frame += secret::text_of(body);
    EXPECT_EQ(write(fd.get(), frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
    std::array<std::byte, kHeaderBytes> header{};
    EXPECT_EQ(recv(fd.get(), header.data(), header.size(), MSG_WAITALL), static_cast<ssize_t>(header.size()));
    std::string reply(body_length(header).value_or(0), 0);
    EXPECT_EQ(recv(fd.get(), reply.data(), reply.size(), MSG_WAITALL), static_cast<ssize_t>(reply.size()));
    return secret::Bytes::copy_of(reply);
  };
  EXPECT_EQ(decode_reply(ask(encode(Op::hello, parts)), Op::hello)->text(0), kProtocol);
  EXPECT_EQ(decode_reply(ask(encode(Op::status, {})), Op::status)->outcome, Outcome::refused);
  EXPECT_EQ(decode_reply(ask(encode(Op::stop, {})), Op::stop)->outcome, Outcome::done);
  thread_.join();
}

TEST_F(ServerTest, keys_are_signed_with_by_the_agent_and_opened_here_where_it_is_gone) {
  start();
  unlock();
  Client user = client();
  int unlocks = 0;
  const credentials::StoredKeys stored(own_.places(), [&]() -> base::Result<secret::Unlocker*> {
    ++unlocks;
    return &unlocker_;
  });
  AgentKeys keys(stored, stored, [&]() -> base::Result<Client*> { return &user; });
  const auto credentials = keys.open_to_sign("dev");
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->access_key_id, "AKIADEV");
  EXPECT_EQ(credentials->account_id, "111111111111");
  EXPECT_TRUE(credentials->secret_access_key.empty());
  ASSERT_NE(credentials->signer, nullptr);
  const std::string text = string_to_sign();
  const auto by_agent = credentials->signer->sign(text);
  EXPECT_EQ(unlocks, 0);
  client().lock().value();
  EXPECT_EQ(credentials->signer->sign(text).value(), by_agent.value());
  EXPECT_EQ(unlocks, 1);
  EXPECT_EQ(secret::text_of(keys.open("dev")->secret_access_key), "SECRETDEV");
}

TEST_F(ServerTest, an_agent_that_was_unlocked_while_one_waited_for_the_terminal_serves) {
  start();
  Client user = client();
  const auto locked = [&]() -> base::Result<secret::Unlocker*> {
    unlock();  // by the process that was waited for
    return base::fail(base::ErrorKind::store_locked, "the agent was unlocked meanwhile");
  };
  const auto nobody = []() -> base::Result<secret::Unlocker*> {
    return base::fail(base::ErrorKind::failure, "somebody was asked");
  };
  AgentKeys keys(credentials::StoredKeys(own_.places(), nobody), credentials::StoredKeys(own_.places(), locked),
                 [&]() -> base::Result<Client*> { return &user; });
  const auto credentials = keys.open_to_sign("dev");
  ASSERT_TRUE(credentials) << credentials.error().what;
  EXPECT_TRUE(credentials->signer->sign(string_to_sign()));
}

TEST_F(ServerTest, with_no_agent_wished_for_none_is_asked) {
  start();
  unlock();
  EXPECT_FALSE(client(Use::no).is_unlocked());
  EXPECT_TRUE(client().is_unlocked());
}

}  // namespace
}  // namespace agent
