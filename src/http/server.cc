#include "http/server.h"

#include "http/reply.h"
#include "http/socket_diag.h"
#include "http/status.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <span>
#include <utility>

namespace http {
namespace {

using base::Descriptor;
using base::Duration;

constexpr std::size_t kHeadLimit = 16384;
constexpr std::size_t kEventsPerTurn = 512;
constexpr int kAcceptsPerTurn = 256;
constexpr rlim_t kOtherDescriptors = 256;
// So that a peer that still sends reads our reply before the connection is reset.
constexpr Duration kLingerTime{1'000};
constexpr Duration kNoDescriptorPause{50};

enum class Kind { connection, listener, watch };
/// What epoll points at.
struct Watched {
  Kind kind;
  int fd;
};

enum class Phase { idle, waiting, lingering, over };

struct Connection : Watched {
  Descriptor owned;
  std::list<Connection>::iterator self;
  Phase phase = Phase::idle;
  bool is_trusted = false;
  Duration ends{0};
  secret::Bytes kept;  // a head that has not ended, or that waits for its reply
};

struct Watch : Watched {
  std::function<void()> ready;
};

struct Refusal {
  int status;
  std::string_view code;
  std::string_view message;
};
constexpr std::array kRefusals{
    Refusal{kBadRequest, "BadRequest", "only plain requests to this machine's loopback address are answered"},
    Refusal{kForbidden, "AccessDenied", "only programs of the user who started kabuto are answered, and no browser"},
    Refusal{kMethodNotAllowed, "MethodNotAllowed", "this method is not answered"},
    Refusal{kRequestTimeout, "RequestTimeout", "the request did not come in time"},
    Refusal{kContentTooLarge, "ContentTooLarge", "requests with a body are not answered"},
    Refusal{kHeadTooLarge, "HeadTooLarge", "the request is too large"},
};

/// Enough for the cap, where the hard limit has it.
void raise_descriptor_limit(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(connections + kOtherDescriptors, limit.rlim_max);
  if (wanted <= limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct Server::State {
  State(LoopbackSockets given, Service& to_ask, ServerLimits given_limits, std::string given_tables)
      : sockets(std::move(given)),
        service(to_ask),
        limits(given_limits),
        tables(std::move(given_tables)),
        epoll(epoll_create1(EPOLL_CLOEXEC)),
        room(kHeadLimit) {}

  bool add(Watched& what, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &what;
    return epoll_ctl(epoll.get(), EPOLL_CTL_ADD, what.fd, &event) == 0;
  }
  void set_events(Connection& connection, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = static_cast<Watched*>(&connection);
    (void)epoll_ctl(epoll.get(), EPOLL_CTL_MOD, connection.fd, &event);
  }
  std::size_t count() const { return idle.size() + waiting.size() + lingering.size(); }
  std::list<Connection>& list_of(Phase phase) {
    return phase == Phase::idle        ? idle
           : phase == Phase::waiting   ? waiting
           : phase == Phase::lingering ? lingering
                                       : over;
  }
  /// To the end of the list of `phase`, which so stays in the order of its deadlines.
  void move_to(Connection& connection, Phase phase, Duration ends) {
    list_of(phase).splice(list_of(phase).end(), list_of(connection.phase), connection.self);
    connection.phase = phase;
    connection.ends = ends;
  }
  void close(Connection& connection) {
    connection.owned = Descriptor();
    connection.kept = secret::Bytes();
    move_to(connection, Phase::over, Duration::zero());
  }

  bool has_oldest_dropped();
  void accept_new(int listener, base::Clock& clock);
  void refuse(Connection& connection, int status, Duration now);
  static bool send_reply(const Connection& connection, const secret::Bytes& reply);
  void receive(Connection& connection, Duration now);
  void take_heads(Connection& connection, std::span<const std::byte> bytes, Duration now, Patience patience);
  int refusal_of_connection(Connection& connection);
  void serve(Connection& connection, Duration now);
  void end_overdue(Duration now);
  Duration next_end(Duration latest) const;

  LoopbackSockets sockets;
  Watched v4{Kind::listener, -1}, v6{Kind::listener, -1};
  Service& service;
  ServerLimits limits;
  std::string tables;
  SocketDiag diag;
  Descriptor epoll;
  secret::Bytes room;  // where every request is received
  RequestHead head;
  std::list<Connection> idle, waiting, lingering;
  std::list<Watch> watches;
  // Until the turn is over, because an event may still point at them.
  std::list<Connection> over;
  std::list<Watch> forgotten;
};

bool Server::State::has_oldest_dropped() {
  for (auto* const list : {&lingering, &idle, &waiting}) {
    if (list->empty()) continue;
    close(list->front());
    return true;
  }
  return false;
}

void Server::State::accept_new(int listener, base::Clock& clock) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Descriptor fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (is_short && !has_oldest_dropped()) clock.sleep(kNoDescriptorPause);
      return;
    }
    if (count() >= limits.most_connections) has_oldest_dropped();
    idle.emplace_back();
    auto& connection = idle.back();
    connection.self = std::prev(idle.end());
    connection.kind = Kind::connection;
    connection.fd = fd.get();
    connection.owned = std::move(fd);
    connection.ends = clock.monotonic() + limits.head_time;
    if (!add(connection, EPOLLIN)) close(connection);
  }
}

/// A reply fits in the socket's buffer; a peer that leaves no room for it goes without, and is over.
bool Server::State::send_reply(const Connection& connection, const secret::Bytes& reply) {
  const auto sent = reply.reveal([&](std::span<const std::byte> bytes) {
    return send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  });
  return sent == static_cast<ssize_t>(reply.size());
}

void Server::State::refuse(Connection& connection, int status, Duration now) {
  const auto* const known = std::ranges::find(kRefusals, status, &Refusal::status);
  const auto& refusal = known == kRefusals.end() ? kRefusals[0] : *known;
  const std::string_view more = status == kMethodNotAllowed ? "Allow: GET\r\n" : "";
  (void)send_reply(connection, reply_of({.status = status, .more_fields = more, .closes = true},
                                        error_body(refusal.code, refusal.message)));
  shutdown(connection.fd, SHUT_WR);
  connection.kept = secret::Bytes();
  if (connection.phase == Phase::waiting) set_events(connection, EPOLLIN);
  move_to(connection, Phase::lingering, now + kLingerTime);
}

/// What the connection and the head that has just been parsed say, before the service is asked.
int Server::State::refusal_of_connection(Connection& connection) {
  if (!connection.is_trusted) {
    if (peer_of(connection.fd, &diag, tables) == Peer::of_another) return kForbidden;
    connection.is_trusted = true;
  }
  if (const int status = refusal_of(head, sockets.port); status != 0) return status;
  return head.is_chunked || head.body_size != 0 ? kContentTooLarge : 0;
}

void Server::State::take_heads(Connection& connection, std::span<const std::byte> bytes, Duration now,
                               Patience patience) {
  while (!bytes.empty()) {
    switch (parse_request_head(bytes, head)) {
      case HeadState::partial:
        if (bytes.size() >= kHeadLimit) return refuse(connection, kHeadTooLarge, now);
        connection.kept = secret::Bytes::copy_of(bytes);
        return;
      case HeadState::malformed:
        return refuse(connection, kBadRequest, now);
      case HeadState::whole:
        break;
    }
    if (const int status = refusal_of_connection(connection); status != 0) return refuse(connection, status, now);
    const secret::Bytes* const reply = service.answer(head, patience);
    if (reply == nullptr) {
      connection.kept = secret::Bytes::copy_of(bytes);
      set_events(connection, 0);
      return move_to(connection, Phase::waiting, now + limits.patience);
    }
    if (!send_reply(connection, *reply) || !head.keeps_alive) return close(connection);
    move_to(connection, Phase::idle, now + limits.head_time);
    bytes = bytes.subspan(head.size);
  }
}

void Server::State::receive(Connection& connection, Duration now) {
  int failure = 0;
  const auto come = room.edit([&](std::span<std::byte> all) {
    const std::size_t before = connection.kept.size();
    if (before != 0)
      connection.kept.reveal([&](std::span<const std::byte> kept) { std::ranges::copy(kept, all.begin()); });
    const auto count = recv(connection.fd, all.data() + before, all.size() - before, 0);
    if (count < 0) failure = errno;
    return count > 0 ? static_cast<ssize_t>(before) + count : count;
  });
  if (failure == EAGAIN || failure == EINTR) return;
  if (come <= 0) return close(connection);
  connection.kept = secret::Bytes();
  room.reveal([&](std::span<const std::byte> all) {
    take_heads(connection, all.first(static_cast<std::size_t>(come)), now, Patience::some);
  });
}

void Server::State::serve(Connection& connection, Duration now) {
  switch (connection.phase) {
    case Phase::idle:
      return receive(connection, now);
    case Phase::waiting:  // the peer has gone
      return close(connection);
    case Phase::lingering: {
      std::array<std::byte, 4096> piece;
      const auto count = recv(connection.fd, piece.data(), piece.size(), 0);
      if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) close(connection);
      return;
    }
    case Phase::over:
      return;
  }
}

void Server::State::end_overdue(Duration now) {
  while (!idle.empty() && idle.front().ends <= now) {
    if (idle.front().kept.empty())
      close(idle.front());
    else
      refuse(idle.front(), kRequestTimeout, now);
  }
  while (!waiting.empty() && waiting.front().ends <= now) {
    auto& connection = waiting.front();
    const secret::Bytes kept = std::exchange(connection.kept, secret::Bytes());
    set_events(connection, EPOLLIN);
    kept.reveal([&](std::span<const std::byte> bytes) { take_heads(connection, bytes, now, Patience::none); });
  }
  while (!lingering.empty() && lingering.front().ends <= now) close(lingering.front());
}

Duration Server::State::next_end(Duration latest) const {
  for (const auto* const list : {&idle, &waiting, &lingering})
    if (!list->empty()) latest = std::min(latest, list->front().ends);
  return latest;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

base::Result<Server> Server::open(LoopbackSockets sockets, Service& service, ServerLimits limits, std::string tables) {
  raise_descriptor_limit(limits.most_connections);
  auto state = std::make_unique<State>(std::move(sockets), service, limits, std::move(tables));
  state->v4.fd = state->sockets.v4.get();
  state->v6.fd = state->sockets.v6.get();
  for (auto* const listener : {&state->v4, &state->v6}) {
    if (listener->fd < 0) continue;
    // Accepted connections inherit it: a reply is one packet.
    const int on = 1;
    (void)setsockopt(listener->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (limits.hop_limit > 0) {
      const bool is_v4 = listener == &state->v4;
      (void)setsockopt(listener->fd, is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_TTL : IPV6_UNICAST_HOPS,
                       &limits.hop_limit, sizeof limits.hop_limit);
    }
    if (!state->add(*listener, EPOLLIN))
      return base::fail(base::ErrorKind::failure, "start the server: " + base::errno_text(errno));
  }
  return Server(std::move(state));
}

std::uint16_t Server::port() const { return state_->sockets.port; }
std::size_t Server::connections() const { return state_->count(); }

base::Result<void> Server::watch(int fd, std::function<void()> ready) {
  state_->watches.push_back({{Kind::watch, fd}, std::move(ready)});
  if (state_->add(state_->watches.back(), EPOLLIN)) return {};
  const int problem = errno;
  state_->watches.pop_back();
  return base::fail(base::ErrorKind::failure, "watch a descriptor: " + base::errno_text(problem));
}

void Server::forget(int fd) {
  const auto found = std::ranges::find(state_->watches, fd, &Watch::fd);
  if (found == state_->watches.end()) return;
  (void)epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  found->fd = -1;
  state_->forgotten.splice(state_->forgotten.end(), state_->watches, found);
}

void Server::resume(base::Clock& clock) {
  const auto now = clock.monotonic();
  std::list<Connection> asking;
  asking.swap(state_->waiting);
  while (!asking.empty()) {
    auto& connection = asking.front();
    state_->idle.splice(state_->idle.end(), asking, connection.self);
    connection.phase = Phase::idle;
    connection.ends = now + state_->limits.head_time;
    const secret::Bytes kept = std::exchange(connection.kept, secret::Bytes());
    state_->set_events(connection, EPOLLIN);
    kept.reveal([&](std::span<const std::byte> bytes) { state_->take_heads(connection, bytes, now, Patience::some); });
  }
}

base::Result<void> Server::turn(base::Clock& clock, base::Duration longest) {
  std::array<epoll_event, kEventsPerTurn> events;
  const auto before = clock.monotonic();
  const auto wait = std::max(state_->next_end(before + longest) - before, Duration::zero());
  const int count = epoll_wait(state_->epoll.get(), events.data(), events.size(), static_cast<int>(wait.count()));
  if (count < 0 && errno != EINTR)
    return base::fail(base::ErrorKind::failure, "wait for requests: " + base::errno_text(errno));
  const auto ready = std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
  const auto now = clock.monotonic();
  for (const auto& event : ready) {
    auto& what = *static_cast<Watched*>(event.data.ptr);
    switch (what.kind) {
      case Kind::connection:
        state_->serve(static_cast<Connection&>(what), now);
        break;
      case Kind::watch:
        if (what.fd >= 0) static_cast<Watch&>(what).ready();
        break;
      case Kind::listener:
        state_->accept_new(what.fd, clock);
        break;
    }
  }
  state_->end_overdue(now);
  state_->over.clear();
  state_->forgotten.clear();
  return {};
}

}  // namespace http
