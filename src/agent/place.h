// Where the agent of a store listens: a directory that nobody else may enter, with a socket and the lock of the one
// agent that lives there. The only file that opens a unix socket.
#pragma once

#include "agent/protocol.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/result.h"
#include "secret/places.h"

#include <optional>
#include <string>

namespace agent {

struct Place {
  std::string directory;

  std::string socket_path() const { return directory + "/agent.sock"; }
  std::string lock_path() const { return directory + "/agent.lock"; }
};

/// Below XDG_RUNTIME_DIR where that is a directory of ours, else beside the store. One per store. Makes nothing.
Place find_place(const base::Environment& environment, const secret::Places& places);

/// A connection to the agent; nullopt where nobody listens. refused where the listener is another user's.
base::Result<std::optional<base::Descriptor>> connect_to(const Place& place);

/// The agent's own end. While it lives no other agent listens there; a socket that a dead one left is replaced.
class Listener {
 public:
  /// nullopt where another agent has the place.
  static base::Result<std::optional<Listener>> open(const Place& place);

  int fd() const { return socket_.get(); }
  /// The next client, non-blocking; an invalid descriptor where there is none. Errors: too many open files.
  base::Result<base::Descriptor> next_client() const;
  /// Whether clients still find this socket: somebody may have removed it, or its directory.
  bool is_reachable() const;

 private:
  Listener(Place place, base::FileLock lock, base::Descriptor socket);
  Place place_;
  base::FileLock lock_;
  base::Descriptor socket_;
  ino_t inode_ = 0;
};

/// nullopt where the kernel does not say.
std::optional<Peer> peer_of(int fd);

}  // namespace agent
