// The agent's loop: accepts, reads one frame at a time, has it answered, drops who is idle or another user's, looks at
// the limits, and starts what is due. One thread; nothing in it waits for a client.
#pragma once

#include "agent/connection.h"
#include "agent/desk.h"
#include "agent/keeper.h"
#include "agent/place.h"
#include "agent/renewal.h"
#include "agent/sleep_signal.h"
#include "agent/watch_list.h"
#include "base/environment.h"
#include "secret/places.h"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

/// What the server needs from outside; all must outlive it.
struct Surroundings {
  const base::Environment& environment;  // of renewals
  secret::Places places;
  std::string version;
  std::function<Times()> times;
  /// A line for people, where somebody reads: who was turned away, what locked.
  std::function<void(std::string_view)> note;
  /// Makes the signal; it is given what locks.
  std::function<std::unique_ptr<SleepSignal>(std::function<void()>)> sleep_signal;
};

class Server {
 public:
  Server(Surroundings around, Listener listener);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Returns when it was asked to stop, or when clients no longer find its socket.
  void run();

 private:
  void turn();
  void accept_all();
  void make_room();
  void drop_idle(base::Duration now);
  void close(std::list<Connection>::iterator which);
  /// False where the connection is to be closed.
  bool read_from(Connection& client);
  Reply reply_to(Connection& client, const Request& request);
  std::string status() const;
  void look();
  void lock(std::string_view why);
  void renew();
  int wait_time() const;

  Surroundings around_;
  Listener listener_;
  Keeper keeper_;
  WatchList watches_;
  Desk desk_;
  std::unique_ptr<SleepSignal> sleep_signal_;
  std::optional<Renewal> renewal_;
  std::list<Connection> clients_;
  base::Descriptor clock_changes_;
  std::string program_;           // the path of our own program
  std::string program_at_start_;  // what lay there then
  bool memory_is_locked_ = true;
  std::size_t turned_away_ = 0;
  uid_t last_turned_away_ = 0;
  bool stopping_ = false;
};

/// What lies at `path` now: another text once that file was replaced.
std::string program_on_disk(const std::string& path);

}  // namespace agent
