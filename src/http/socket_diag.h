// Asks the kernel for one socket by its two ends (sock_diag over netlink): an exact look-up, where the tables of
// /proc/net are read row by row and a thousand connections make a thousand rows.
#pragma once

#include "base/file.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>

namespace http {

class SocketDiag {
 public:
  /// Where the kernel has no such interface, every answer is nullopt.
  SocketDiag();

  /// Whose socket has `local` on its own side and `remote` on the other. nullopt: nobody's, or the kernel does not
  /// tell.
  std::optional<uid_t> owner(const sockaddr_storage& local, const sockaddr_storage& remote) const;

 private:
  base::Descriptor fd_;
};

}  // namespace http
