// One thread watches all connections that wait (epoll) and reads the heads of requests; workers take a connection for
// the time of a request, in which they may block on either side.
#include "http/stream_server.h"

#include "http/status.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace http {
namespace {

using base::Descriptor;
using base::Duration;
using Moment = std::chrono::steady_clock::time_point;

constexpr int kEventsPerTurn = 128;
constexpr int kAcceptsPerTurn = 32;
constexpr Duration kTurn{1'000};                // so often deadlines are looked at
constexpr Duration kNextRequest{5};             // so long a worker waits for the next one before it lets go
constexpr std::size_t kOtherDescriptors = 192;  // upstream connections, and what else a process opens
constexpr std::size_t kFewestConnections = 64;
constexpr std::array<std::uint64_t, 3> kMarks{0, 1, 2};  // epoll's data for what is no connection: listeners, stop

Moment now() { return std::chrono::steady_clock::now(); }

std::size_t most_connections(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kFewestConnections;
  const auto all = static_cast<std::size_t>(limit.rlim_cur);
  const auto ours = all > kOtherDescriptors + kFewestConnections ? all - kOtherDescriptors : kFewestConnections;
  return std::min(wanted, ours);
}

struct Parked {
  explicit Parked(Descriptor fd) : client(std::move(fd)) {}
  ClientConnection client;
  Moment deadline;       // of the head under way, or of being idle
  bool busy = false;     // a worker has it
  bool closed = false;   // to be taken off the list
  bool trusted = false;  // the peer has been looked at
};

}  // namespace

struct StreamServer::State {
  LoopbackSockets sockets;
  std::uint16_t port = 0;
  StreamServerSettings settings;
  std::size_t most = 0;
  Descriptor events;
  std::atomic<bool> stopping{false};

  std::mutex mutex;  // guards all below
  std::condition_variable work;
  std::list<Parked> connections;
  std::deque<Parked*> waiting;
  std::size_t idle_workers = 0;
  std::vector<std::thread> workers;

  void watch(int fd, std::uint64_t mark);
  void park(Parked& connection, Moment deadline);
  void accept_new(int listener);
  bool drop_oldest();
  void read_head(StreamHandler& handler, Parked& connection);
  void hand_over(StreamHandler& handler, Parked& connection);
  void sweep();
  void finish();
  void work_on(StreamHandler& handler);
  bool serve_one(StreamHandler& handler, Parked& connection);
  bool is_next_there(Parked& connection);
};

void StreamServer::State::watch(int fd, std::uint64_t mark) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = mark;
  (void)epoll_ctl(events.get(), EPOLL_CTL_ADD, fd, &event);
}

/// Under the mutex: from here on the watching thread may take the connection away.
void StreamServer::State::park(Parked& connection, Moment deadline) {
  connection.deadline = deadline;
  connection.busy = false;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.ptr = &connection;
  (void)epoll_ctl(events.get(), EPOLL_CTL_MOD, connection.client.fd(), &event);
}

/// Under the mutex. Its descriptor stays open until the turn is over: an event of it may be among those just fetched.
bool StreamServer::State::drop_oldest() {
  Parked* oldest = nullptr;
  for (auto& one : connections)
    if (!one.busy && !one.closed && (oldest == nullptr || one.deadline < oldest->deadline)) oldest = &one;
  if (oldest == nullptr) return false;
  oldest->closed = true;
  shutdown(oldest->client.fd(), SHUT_RDWR);
  return true;
}

void StreamServer::State::accept_new(int listener) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Descriptor fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      const std::lock_guard lock(mutex);
      if (is_short) drop_oldest();
      return;
    }
    const int on = 1;
    (void)setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex);
    const auto open = static_cast<std::size_t>(std::ranges::count(connections, false, &Parked::closed));
    if (open >= most && !drop_oldest()) continue;
    auto& added = connections.emplace_back(std::move(fd));
    added.deadline = now() + settings.head;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.ptr = &added;
    if (epoll_ctl(events.get(), EPOLL_CTL_ADD, added.client.fd(), &event) != 0) connections.pop_back();
  }
}

void StreamServer::State::read_head(StreamHandler& handler, Parked& connection) {
  {
    const std::lock_guard lock(mutex);
    if (connection.closed || connection.busy) return;
  }
  const bool fresh = connection.client.unread().empty();
  const auto came = connection.client.receive();
  const auto unread = connection.client.unread();
  if (came == ClientConnection::Came::end) {
    const std::lock_guard lock(mutex);
    connection.closed = true;
  } else if (head_size(unread) > 0 || unread.size() > kLongestStreamHead) {
    hand_over(handler, connection);
  } else {
    const std::lock_guard lock(mutex);
    park(connection, fresh && !unread.empty() ? now() + settings.head : connection.deadline);
  }
}

void StreamServer::State::hand_over(StreamHandler& handler, Parked& connection) {
  const std::lock_guard lock(mutex);
  connection.busy = true;
  waiting.push_back(&connection);
  if (idle_workers < waiting.size() && workers.size() < settings.workers)
    workers.emplace_back([this, &handler] { work_on(handler); });
  work.notify_one();
}

void StreamServer::State::sweep() {
  const std::lock_guard lock(mutex);
  const auto moment = now();
  for (auto& one : connections) {
    if (one.busy || one.closed || one.deadline > moment) continue;
    one.closed = true;
    if (!one.client.unread().empty())
      (void)one.client.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }
}

/// Whether the connection's next head is there, or comes at once.
bool StreamServer::State::is_next_there(Parked& connection) {
  if (head_size(connection.client.unread()) > 0) return true;
  {
    const std::lock_guard lock(mutex);
    if (!waiting.empty() || stopping) return false;
  }
  if (!connection.client.wait_readable(kNextRequest)) return false;
  return connection.client.receive() == ClientConnection::Came::bytes && head_size(connection.client.unread()) > 0;
}

/// False: the connection is over.
bool StreamServer::State::serve_one(StreamHandler& handler, Parked& connection) {
  auto& client = connection.client;
  const auto size = head_size(client.unread());
  auto request = size > 0 && size <= kLongestStreamHead
                     ? parse_stream_request(client.unread().substr(0, size))
                     : std::unexpected(StreamRefusal{kHeadTooLarge, "the head of the request is too large"});
  // Asked once for a connection: whose it is does not change.
  if (request && !connection.trusted) {
    connection.trusted = peer_of(client.fd(), settings.tables) != Peer::of_another;
    if (!connection.trusted)
      request = std::unexpected(StreamRefusal{kForbidden, "a program of another user is not served"});
  }
  client.used(size);
  if (!request) {
    Exchange exchange(client, {.method = "GET", .target = "/", .host = {}, .headers = {}, .keep_alive = false});
    handler.refuse(exchange, request.error());
    client.linger();
    return false;
  }
  Exchange exchange(client, std::move(*request));
  handler.serve(exchange);
  if (exchange.may_go_on()) return true;
  if (exchange.reply_ended()) client.linger();
  return false;
}

void StreamServer::State::work_on(StreamHandler& handler) {
  std::unique_lock lock(mutex);
  while (true) {
    ++idle_workers;
    work.wait(lock, [&] { return !waiting.empty() || stopping; });
    --idle_workers;
    if (stopping) return;
    Parked& connection = *waiting.front();
    waiting.pop_front();
    lock.unlock();
    bool lives = true;
    do {
      lives = serve_one(handler, connection);
    } while (lives && is_next_there(connection));
    lock.lock();
    if (lives) {
      park(connection, now() + settings.idle);
    } else {
      connection.closed = true;
      connection.busy = false;
      shutdown(connection.client.fd(), SHUT_RDWR);
    }
  }
}

void StreamServer::State::finish() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
    sockets.v4 = Descriptor();  // nobody new
    sockets.v6 = Descriptor();
    for (auto& one : connections) shutdown(one.client.fd(), SHUT_RDWR);
    work.notify_all();
  }
  for (auto& worker : workers) worker.join();
  workers.clear();
  connections.clear();
}

StreamServer::StreamServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
StreamServer::StreamServer(StreamServer&&) noexcept = default;
StreamServer& StreamServer::operator=(StreamServer&&) noexcept = default;
StreamServer::~StreamServer() = default;

base::Result<StreamServer> StreamServer::open(LoopbackSockets sockets, StreamServerSettings settings) {
  auto state = std::make_unique<State>();
  state->events = Descriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!state->events.valid()) return base::fail(base::ErrorKind::failure, "open the proxy: " + base::errno_text(errno));
  state->most = most_connections(settings.connections);
  state->port = sockets.port;
  state->sockets = std::move(sockets);
  state->settings = std::move(settings);
  return StreamServer(std::move(state));
}

std::uint16_t StreamServer::port() const { return state_->port; }
const std::atomic<bool>& StreamServer::stopping() const { return state_->stopping; }

void StreamServer::run(StreamHandler& handler, int stop_fd) {
  State& state = *state_;
  state.watch(state.sockets.v4.get(), kMarks[0]);
  if (state.sockets.v6.valid()) state.watch(state.sockets.v6.get(), kMarks[1]);
  state.watch(stop_fd, kMarks[2]);
  std::array<epoll_event, kEventsPerTurn> ready{};
  auto next_sweep = now() + kTurn;
  while (true) {
    const int count = epoll_wait(state.events.get(), ready.data(), kEventsPerTurn, static_cast<int>(kTurn.count()));
    bool stops = false;
    for (int i = 0; i < count; ++i) {
      const auto& event = ready[static_cast<std::size_t>(i)];
      if (event.data.u64 == kMarks[0])
        state.accept_new(state.sockets.v4.get());
      else if (event.data.u64 == kMarks[1])
        state.accept_new(state.sockets.v6.get());
      else if (event.data.u64 == kMarks[2])
        stops = true;
      else
        state.read_head(handler, *static_cast<Parked*>(event.data.ptr));
    }
    if (stops) break;
    if (now() >= next_sweep) {
      state.sweep();
      next_sweep = now() + kTurn;
    }
    const std::lock_guard lock(state.mutex);
    state.connections.remove_if([](const Parked& one) { return one.closed && !one.busy; });
  }
  state.finish();
}

}  // namespace http
