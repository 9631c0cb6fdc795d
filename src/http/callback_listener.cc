#include "http/callback_listener.h"

#include "base/file.h"
#include "http/callback_request.h"
#include "http/loopback_sockets.h"
#include "http/status.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

namespace http {
namespace {

using base::Descriptor;
using base::Duration;
using base::ErrorKind;

constexpr std::size_t kMostConnections = 64;
constexpr std::size_t kFirstRoom = 4096;
constexpr std::size_t kHeadLimit = 16384;
constexpr Duration kHeadTime{10'000};
// So that a peer that still sends reads our reply before the connection is reset.
constexpr Duration kLingerTime{1'000};
constexpr Duration kLongestPoll{1'000};
constexpr Duration kNoDescriptorPause{50};
constexpr int kAcceptsPerTurn = 16;

struct Connection {
  Descriptor fd;
  secret::Bytes head;
  std::size_t used = 0;
  Duration ends{0};    // deadline of the head, then of the lingering
  Duration active{0};  // last sign of life
  bool answered = false;
};

/// What one connection's bytes led to.
enum class Came { nothing, end, bytes };

/// Reads what is there; what no longer fits in the head's limit is left.
Came receive(Connection& connection) {
  if (connection.used == connection.head.size() && connection.used < kHeadLimit) {
    const auto room = connection.used == 0 ? kFirstRoom : connection.used;
    connection.head = secret::Bytes::concatenated(connection.head, secret::Bytes(room));
  }
  const auto count = connection.head.edit([&](std::span<std::byte> all) {
    const auto to = all.subspan(connection.used);
    return recv(connection.fd.get(), to.data(), to.size(), 0);
  });
  if (count > 0) {
    connection.used += static_cast<std::size_t>(count);
    return Came::bytes;
  }
  const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
  return later ? Came::nothing : Came::end;
}

void discard(int fd, bool& ended) {
  std::byte piece[4096];
  const auto count = recv(fd, piece, sizeof piece, 0);
  ended = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

/// The reply fits in the socket's buffer; a peer that leaves no room for it goes without.
void answer(Connection& connection, const CallbackVerdict& verdict) {
  const auto reply = callback_reply(verdict);
  (void)send(connection.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(connection.fd.get(), SHUT_WR);
  connection.answered = true;
  connection.head = secret::Bytes();
  connection.used = 0;
}

}  // namespace

struct CallbackListener::State {
  std::vector<Descriptor> listeners;
  std::vector<Connection> connections;
  std::uint16_t port = 0;
  std::string tables;

  void close() {
    listeners.clear();
    connections.clear();
  }
  bool has_oldest_dropped();
  void accept_new(const Descriptor& listener, base::Clock& clock);
  std::optional<CallbackVerdict> serve(Connection& connection, const ExpectedCallback& expected, Duration now);
  std::optional<CallbackVerdict> turn(const ExpectedCallback& expected, base::Clock& clock, Duration deadline);
};

bool CallbackListener::State::has_oldest_dropped() {
  if (connections.empty()) return false;
  connections.erase(std::ranges::min_element(connections, {}, &Connection::active));
  return true;
}

void CallbackListener::State::accept_new(const Descriptor& listener, base::Clock& clock) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Descriptor fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (is_short && !has_oldest_dropped()) clock.sleep(kNoDescriptorPause);
      return;
    }
    if (connections.size() >= kMostConnections) has_oldest_dropped();
    const auto now = clock.monotonic();
    Connection connection;
    connection.fd = std::move(fd);
    connection.ends = now + kHeadTime;
    connection.active = now;
    connections.push_back(std::move(connection));
  }
}

/// The verdict that ends the wait; nullopt while it goes on. A connection that is over has no descriptor afterwards.
std::optional<CallbackVerdict> CallbackListener::State::serve(Connection& connection, const ExpectedCallback& expected,
                                                              Duration now) {
  if (connection.answered) {
    bool ended = false;
    discard(connection.fd.get(), ended);
    if (ended) connection.fd = Descriptor();
    return std::nullopt;
  }
  const auto came = receive(connection);
  if (came == Came::end) connection.fd = Descriptor();
  if (came != Came::bytes) return std::nullopt;
  connection.active = now;
  auto verdict = connection.head.reveal(
      [&](std::span<const std::byte> head) { return judge_callback(head.first(connection.used), expected, port); });
  if (verdict.status == 0 && connection.used >= kHeadLimit) verdict.status = kHeadTooLarge;
  if (verdict.status == 0) return std::nullopt;
  // Asked of the one request that knows the state, which another user may have read among the browser's arguments.
  if (verdict.status == 200 && peer_of(connection.fd.get(), tables) == Peer::of_another) verdict = {kForbidden, {}, {}};
  const bool ends_wait = verdict.status == 200;
  // Before the page is there, nobody can come any more.
  if (ends_wait) listeners.clear();
  answer(connection, verdict);
  connection.ends = now + kLingerTime;
  if (ends_wait) return verdict;
  return std::nullopt;
}

std::optional<CallbackVerdict> CallbackListener::State::turn(const ExpectedCallback& expected, base::Clock& clock,
                                                             Duration deadline) {
  std::vector<pollfd> watched;
  watched.reserve(listeners.size() + connections.size());
  auto next = deadline;
  for (const auto& listener : listeners) watched.push_back({listener.get(), POLLIN, 0});
  for (const auto& connection : connections) {
    watched.push_back({connection.fd.get(), POLLIN, 0});
    next = std::min(next, connection.ends);
  }
  const auto patience = std::clamp(next - clock.monotonic(), Duration(0), kLongestPoll);
  // An interrupted wait is a short one: the caller looks at the clock and comes again.
  if (poll(watched.data(), watched.size(), static_cast<int>(patience.count())) < 0) return std::nullopt;

  const auto now = clock.monotonic();
  const auto ready = std::span(watched).subspan(listeners.size());
  for (std::size_t i = 0; i < connections.size(); ++i) {
    auto& connection = connections[i];
    if (ready[i].revents != 0) {
      if (auto verdict = serve(connection, expected, now)) return verdict;
    }
    if (connection.fd.valid() && connection.ends <= now) {
      if (!connection.answered) answer(connection, {kRequestTimeout, {}, {}});
      connection.fd = Descriptor();
    }
  }
  std::erase_if(connections, [](const Connection& connection) { return !connection.fd.valid(); });
  for (std::size_t i = 0; i < listeners.size(); ++i)
    if (watched[i].revents != 0) accept_new(listeners[i], clock);
  return std::nullopt;
}

CallbackListener::CallbackListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
CallbackListener::CallbackListener(CallbackListener&&) noexcept = default;
CallbackListener& CallbackListener::operator=(CallbackListener&&) noexcept = default;
CallbackListener::~CallbackListener() = default;

base::Result<CallbackListener> CallbackListener::open(std::string tables) {
  LoopbackSockets sockets = TRY(listen_on_loopback());
  auto state = std::make_unique<State>();
  state->port = sockets.port;
  state->tables = std::move(tables);
  state->listeners.push_back(std::move(sockets.v4));
  if (sockets.v6.valid()) state->listeners.push_back(std::move(sockets.v6));
  return CallbackListener(std::move(state));
}

std::uint16_t CallbackListener::port() const { return state_->port; }

base::Result<secret::Bytes> CallbackListener::wait(const ExpectedCallback& expected, base::Clock& clock,
                                                   base::Duration patience) {
  const auto deadline = clock.monotonic() + patience;
  std::optional<CallbackVerdict> verdict;
  while (!verdict && !state_->listeners.empty() && clock.monotonic() < deadline)
    verdict = state_->turn(expected, clock, deadline);
  state_->close();
  if (!verdict) return base::fail(ErrorKind::sign_in_needed, "nobody signed in within the time given");
  if (!verdict->refusal.empty()) return base::fail(ErrorKind::denied, "the sign-in page refused: " + verdict->refusal);
  return std::move(verdict->code);
}

}  // namespace http
