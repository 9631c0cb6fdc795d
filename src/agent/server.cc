#include "agent/server.h"

#include "base/clock_changes.h"
#include "base/text.h"
#include "secret/fields.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace agent {
namespace {

using base::Duration;

constexpr std::size_t kMostClients = 128;
constexpr int kMostHolds = 64;
// Who has said nothing whole for as long is let go.
constexpr Duration kIdleClient{10'000};
// The socket's place is looked at this often, and the limits at least.
constexpr Duration kLongestWait{20'000};
constexpr std::string_view kYes = "yes";
constexpr std::string_view kNo = "no";

std::string own_program() {
  std::array<char, 4096> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

/// Whether the kernel lets this process lock memory: a secret of its own lies in some.
bool can_lock_memory() {
  constexpr std::size_t kLargestStatus = 65'536;
  const secret::Bytes probe(1);
  const auto status = base::read_file("/proc/self/status", kLargestStatus);
  if (!status || !*status) return true;
  const auto at = (*status)->find("VmLck:");
  if (at == std::string::npos) return true;
  const auto digit = (*status)->find_first_not_of(" \t", at + 6);
  return digit != std::string::npos && (**status)[digit] != '0';
}

std::string milliseconds(Duration duration) { return std::to_string(duration.count()); }

}  // namespace

std::string program_on_disk(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0) return {};
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) + ":" + std::to_string(facts.st_size) + ":" +
         std::to_string(facts.st_mtim.tv_sec) + "." + std::to_string(facts.st_mtim.tv_nsec);
}

Server::Server(Surroundings around, Listener listener)
    : around_(std::move(around)),
      listener_(std::move(listener)),
      keeper_(around_.times()),
      desk_(around_.places, keeper_, watches_),
      sleep_signal_(around_.sleep_signal([this] { lock("the machine went to sleep"); })),
      clock_changes_(base::clock_changes()),
      program_(own_program()),
      program_at_start_(program_on_disk(program_)),
      memory_is_locked_(can_lock_memory()) {
  if (!memory_is_locked_) around_.note("memory cannot be locked (ulimit -l): keys may be written to swap");
  if (const auto problem = sleep_signal_->problem(); !problem.empty())
    around_.note("no word of the machine's sleep: " + problem + "; the agent locks when it wakes");
}

Server::~Server() = default;

void Server::run() {
  sleep_signal_->process();
  while (!stopping_) turn();
}

void Server::lock(std::string_view why) {
  if (keeper_.key() == nullptr) return;
  keeper_.lock(why);
  around_.note("locked: " + keeper_.why_locked());
}

void Server::look() {
  if (keeper_.look(around_.times())) around_.note("locked: " + keeper_.why_locked());
}

int Server::wait_time() const {
  const Times now = around_.times();
  Duration wait = kLongestWait;
  if (const auto left = keeper_.left(now)) wait = std::min(wait, *left);
  if (!renewal_)
    if (const auto next = watches_.next(now.wall)) wait = std::min(wait, *next);
  for (const auto& client : clients_)
    if (!client.holds) wait = std::min(wait, client.since + kIdleClient - now.boot);
  return static_cast<int>(std::max(wait, Duration::zero()).count()) + 1;
}

void Server::turn() {
  std::vector<pollfd> waits{{listener_.fd(), POLLIN, 0},
                            {clock_changes_.get(), POLLIN, 0},
                            {sleep_signal_->fd(), sleep_signal_->events(), 0},
                            {renewal_ ? renewal_->fd() : -1, POLLIN, 0}};
  const std::size_t others = waits.size();
  for (const auto& client : clients_)
    waits.push_back({client.fd(), static_cast<short>(client.is_writing() ? POLLOUT : POLLIN), 0});
  if (poll(waits.data(), waits.size(), wait_time()) < 0 && errno != EINTR) {
    stopping_ = true;
    return;
  }
  // Before anything is answered: no request is served past a limit, however late we woke.
  look();
  if (waits[1].revents != 0) {
    std::uint64_t expirations = 0;
    [[maybe_unused]] const auto canceled = read(clock_changes_.get(), &expirations, sizeof expirations);
  }
  if (waits[2].revents != 0) sleep_signal_->process();
  auto client = clients_.begin();
  for (std::size_t i = others; i < waits.size(); ++i) {
    const auto here = client++;
    if (waits[i].revents == 0) continue;
    if (!(here->is_writing() ? here->write_on() : read_from(*here))) close(here);
  }
  if (waits[0].revents != 0) accept_all();
  drop_idle(around_.times().boot);
  renew();
  if (!listener_.is_reachable()) {
    around_.note("the socket is gone: nobody can ask any more");
    stopping_ = true;
  }
}

void Server::accept_all() {
  for (;;) {
    auto accepted = listener_.next_client();
    if (!accepted) {
      make_room();
      return;
    }
    if (!accepted->valid()) return;
    const auto peer = peer_of(accepted->get());
    if (!peer || peer->uid != geteuid()) {
      ++turned_away_;
      last_turned_away_ = peer ? peer->uid : static_cast<uid_t>(-1);
      around_.note("turned away a process of uid " + std::to_string(last_turned_away_));
      continue;
    }
    if (clients_.size() >= kMostClients) make_room();
    if (clients_.size() >= kMostClients) continue;
    clients_.emplace_back(std::move(*accepted), *peer, around_.times().boot);
  }
}

/// Lets go of the client that has been silent for longest.
void Server::make_room() {
  auto oldest = clients_.end();
  for (auto each = clients_.begin(); each != clients_.end(); ++each)
    if (!each->holds && (oldest == clients_.end() || each->since < oldest->since)) oldest = each;
  if (oldest != clients_.end()) close(oldest);
}

void Server::drop_idle(Duration now) {
  for (auto each = clients_.begin(); each != clients_.end();) {
    const auto here = each++;
    if (!here->holds && now - here->since >= kIdleClient) close(here);
  }
}

void Server::close(std::list<Connection>::iterator which) {
  if (which->holds) keeper_.drop_hold(around_.times());
  clients_.erase(which);
}

bool Server::read_from(Connection& client) {
  std::optional<secret::Bytes> body;
  if (!client.read_on(body)) return false;
  if (!body) return true;
  auto request = decode_request(*body);
  if (!request) return false;
  request->from = client.peer;
  client.reply(encode(reply_to(client, *request)));
  client.since = around_.times().boot;
  return client.write_on();
}

Reply Server::reply_to(Connection& client, const Request& request) {
  using Talk = Connection::Talk;
  if (request.op == Op::hello) {
    client.talk = request.text(0) == kProtocol ? Talk::one_of_us : Talk::another_protocol;
    const bool replaced = program_on_disk(program_) != program_at_start_;
    return Reply::of({kProtocol, around_.version, replaced ? kYes : kNo, keeper_.key() != nullptr ? kYes : kNo});
  }
  if (client.talk == Talk::new_client) return Reply::no(Outcome::refused, "say hello first");
  if (request.op == Op::stop) {
    keeper_.lock("it was asked to stop");
    stopping_ = true;
    return {};
  }
  if (client.talk == Talk::another_protocol) return Reply::no(Outcome::refused, "this agent speaks another protocol");
  switch (request.op) {
    case Op::status:
      return Reply::of({status()});
    case Op::hold:
      if (keeper_.key() == nullptr) return Reply::no(Outcome::locked, keeper_.why_locked());
      if (client.holds) return {};
      if (keeper_.holds() >= kMostHolds) return Reply::no(Outcome::refused, "too many hold the agent already");
      client.holds = true;
      keeper_.add_hold();
      return {};
    default: {
      const bool is_renewal = renewal_ && renewal_->pid() == client.peer.pid;
      return desk_.answer(request, is_renewal ? WatchList::By::renewal : WatchList::By::person, around_.times());
    }
  }
}

std::string Server::status() const {
  const Times now = around_.times();
  const auto left = keeper_.left(now);
  secret::Fields fields{{"pid", std::to_string(getpid())},
                        {"version", around_.version},
                        {"locked", std::string(left ? kNo : kYes)},
                        {"why", keeper_.why_locked()},
                        {"clients", std::to_string(clients_.size())},
                        {"holds", std::to_string(keeper_.holds())},
                        {"sleep", sleep_signal_->problem()},
                        {"memory-locked", std::string(memory_is_locked_ ? kYes : kNo)},
                        {"turned-away", std::to_string(turned_away_)}};
  if (left) fields["left-ms"] = milliseconds(*left);
  if (turned_away_ > 0) fields["turned-away-uid"] = std::to_string(last_turned_away_);
  std::size_t number = 0;
  for (const auto& entry : watches_.entries()) {
    const std::string key = "watch." + std::to_string(number++) + ".";
    fields[key + "profile"] = entry.watch.profile;
    fields[key + "expires"] = base::iso8601(entry.watch.expires);
    if (entry.tried) fields[key + "tried"] = base::iso8601(*entry.tried);
    if (entry.code) fields[key + "code"] = std::to_string(*entry.code);
  }
  return secret::encode_fields(fields);
}

void Server::renew() {
  const Times now = around_.times();
  if (renewal_) {
    const auto code = renewal_->code(now.boot);
    if (!code) return;
    watches_.ended(renewal_->watch(), *code);
    renewal_.reset();
  }
  auto due = watches_.take_due(now.wall);
  if (!due) return;
  auto started = Renewal::start(*due, around_.environment, now.boot);
  if (started)
    renewal_.emplace(std::move(*started));
  else
    watches_.ended(*due, base::exit_code(started.error().kind));
}

}  // namespace agent
