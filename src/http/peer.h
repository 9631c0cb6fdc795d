// Whose program is at the other end of a loopback connection? The kernel says it of every user's: by sock_diag, and in
// its tables of sockets (/proc/net/tcp, tcp6). Another user of the machine may read a browser's arguments, and so the
// state of a sign-in.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace http {

inline constexpr char kSocketTables[] = "/proc/self/net";

enum class Peer {
  trusted,      // our user's program, or root's (a relay, as WSL has one)
  of_another,   // another user's, or closed already, so that nobody can be asked whose it was
  cannot_tell,  // there is no table to be read
};

/// An end of a connection in the form of a table's row: address and port in upper hexadecimal. Empty: not of IPv4 or
/// IPv6. `mapped`: an IPv4 address as tcp6 has it (::ffff:127.0.0.1).
std::string table_end(const sockaddr_storage& address, bool mapped);

/// The owner of the socket that has `local` on its own side and `remote` on the other, by one row. nullopt where the
/// row is another socket's, or malformed, or of a socket that no program holds any more.
std::optional<uid_t> owner_by_row(std::string_view row, std::string_view local, std::string_view remote);

class SocketDiag;

/// Who is at the other end of the accepted connection `fd`: by `diag` where one is given and knows, else by
/// `tables`/tcp and `tables`/tcp6.
Peer peer_of(int fd, const std::string& tables = kSocketTables);
Peer peer_of(int fd, const SocketDiag* diag, const std::string& tables = kSocketTables);

}  // namespace http
