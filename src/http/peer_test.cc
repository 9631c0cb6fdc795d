#include "http/peer.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "http/loopback_server_for_test.h"
#include "http/socket_diag.h"

#include <netinet/in.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace http {
namespace {

using base::Descriptor;

constexpr char kHead[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
constexpr char kLocal[] = "0100007F:A001";
constexpr char kRemote[] = "0100007F:1F90";

std::string row(std::string_view local, std::string_view remote, std::string_view uid, std::string_view inode) {
  return "  12: " + std::string(local) + " " + std::string(remote) + " 01 00000000:00000000 00:00000000 00000000  " +
         std::string(uid) + "        0 " + std::string(inode) + " 1 00000000b2d335eb 20 4 30 10 -1";
}

/// A connection over loopback, both ends held here.
struct Connection {
  Descriptor client, server;
  std::string local, remote;  // of the client, as a table says it

  explicit Connection(int family, bool maps = false) {
    sockaddr_storage address{};
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (family == AF_INET)
      reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
      reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
    address.ss_family = static_cast<sa_family_t>(family);
    const Descriptor listener(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!listener.valid()) {
      ADD_FAILURE() << "no socket";
      return;
    }
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener.get(), raw, size), 0);
    EXPECT_EQ(listen(listener.get(), 4), 0);
    EXPECT_EQ(getsockname(listener.get(), raw, &size), 0);
    client = Descriptor(socket(maps ? AF_INET6 : family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (maps) {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = reinterpret_cast<sockaddr_in&>(address).sin_port;
      v6.sin6_addr.s6_addr[10] = v6.sin6_addr.s6_addr[11] = 0xff;
      v6.sin6_addr.s6_addr[12] = 127;
      v6.sin6_addr.s6_addr[15] = 1;
      EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&v6), sizeof v6), 0);
    } else {
      EXPECT_EQ(connect(client.get(), raw, size), 0);
    }
    server = Descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    remote = table_end(address, false);
    EXPECT_EQ(getpeername(server.get(), raw, &size), 0);
    local = table_end(address, false);
  }
};

/// A directory with tables that a test makes up.
struct Tables {
  base::OwnDirectory folder;
  void write(const std::string& name, std::string_view rows) const {
    std::ofstream(folder.path() + "/" + name) << kHead << rows << "\n";
  }
};

TEST(Peer, a_row_names_the_owner_of_the_socket_with_these_ends) {
  EXPECT_EQ(owner_by_row(row(kLocal, kRemote, "1000", "1428294"), kLocal, kRemote), 1000U);
  EXPECT_EQ(owner_by_row(row(kLocal, kRemote, "0", "7"), kLocal, kRemote), 0U);
  EXPECT_EQ(owner_by_row(row(kLocal, kRemote, "4294967294", "7"), kLocal, kRemote), 4294967294U);
}

TEST(Peer, a_row_of_another_socket_or_of_none_names_nobody) {
  EXPECT_FALSE(owner_by_row(row(kRemote, kLocal, "1000", "7"), kLocal, kRemote)) << "that is our own side";
  EXPECT_FALSE(owner_by_row(row("0100007F:A002", kRemote, "1000", "7"), kLocal, kRemote));
  EXPECT_FALSE(owner_by_row(row("0200007F:A001", kRemote, "1000", "7"), kLocal, kRemote));
  EXPECT_FALSE(owner_by_row(row(kLocal, "00000000:0000", "1000", "7"), kLocal, kRemote));
  EXPECT_FALSE(owner_by_row(row(kLocal, kRemote, "0", "0"), kLocal, kRemote)) << "closed, and not root's";
  EXPECT_FALSE(owner_by_row(row(kLocal, kRemote, "1000", "0"), kLocal, kRemote));
  for (const auto* uid : {"-1", "4294967296", "x", "1000x", "99999999999999999999"})
    EXPECT_FALSE(owner_by_row(row(kLocal, kRemote, uid, "7"), kLocal, kRemote)) << uid;
  const auto whole = row(kLocal, kRemote, "1000", "7");
  const auto shortest = whole.find(" 7 ") + 2;
  for (std::size_t length = 0; length < shortest; ++length)
    EXPECT_FALSE(owner_by_row(whole.substr(0, length), kLocal, kRemote)) << length;
  EXPECT_FALSE(owner_by_row(kHead, kLocal, kRemote));
  EXPECT_FALSE(owner_by_row(row("", "", "1000", "7"), "", ""));
}

TEST(Peer, ends_are_written_as_the_kernel_writes_them) {
  sockaddr_storage address{};
  EXPECT_EQ(table_end(address, false), "");
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(8080);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(table_end(address, false), "0100007F:1F90");
  EXPECT_EQ(table_end(address, true), "0000000000000000FFFF00000100007F:1F90");
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(10);
  v6.sin6_addr = in6addr_loopback;
  EXPECT_EQ(table_end(address, false), "00000000000000000000000001000000:000A");
}

TEST(Peer, the_real_tables_know_our_own_connections) {
  EXPECT_EQ(peer_of(Connection(AF_INET).server.get()), Peer::trusted);
  EXPECT_EQ(peer_of(Connection(AF_INET6).server.get()), Peer::trusted);
  EXPECT_EQ(peer_of(Connection(AF_INET, true).server.get()), Peer::trusted) << "a socket of IPv6 for 127.0.0.1";
}

TEST(Peer, who_closed_or_reset_is_nobody_s) {
  Connection closed(AF_INET);
  closed.client = Descriptor();
  EXPECT_EQ(peer_of(closed.server.get()), Peer::of_another);
  Connection reset(AF_INET6);
  const linger at_once{1, 0};
  ASSERT_EQ(setsockopt(reset.client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  reset.client = Descriptor();
  EXPECT_EQ(peer_of(reset.server.get()), Peer::of_another);
  EXPECT_EQ(peer_of(-1), Peer::of_another);
}

TEST(Peer, another_user_s_connection_is_told_from_ours_and_from_root_s) {
  const Connection connection(AF_INET);
  const Tables tables;
  const auto& [local, remote] = std::pair(connection.local, connection.remote);
  const auto says = [&](std::string_view uid) {
    tables.write("tcp", row(local, remote, uid, "77"));
    return peer_of(connection.server.get(), tables.folder.path());
  };
  EXPECT_EQ(says(std::to_string(geteuid())), Peer::trusted);
  EXPECT_EQ(says("0"), Peer::trusted);
  EXPECT_EQ(says(std::to_string(geteuid() + 1)), Peer::of_another);
  EXPECT_EQ(says("65534"), Peer::of_another);
  tables.write("tcp", row(remote, local, std::to_string(geteuid()), "77"));
  EXPECT_EQ(peer_of(connection.server.get(), tables.folder.path()), Peer::of_another) << "our own side is not theirs";
}

TEST(Peer, the_kernels_exact_look_up_needs_no_table) {
  const SocketDiag diag;
  const Tables none;
  for (const int family : {AF_INET, AF_INET6}) {
    const Connection connection(family);
    EXPECT_EQ(peer_of(connection.server.get(), &diag, none.folder.path()), Peer::trusted);
  }
  Connection mapped(AF_INET, true);
  EXPECT_EQ(peer_of(mapped.server.get(), &diag, none.folder.path()), Peer::trusted);
  mapped.client = Descriptor();
  EXPECT_EQ(peer_of(mapped.server.get(), &diag), Peer::of_another) << "nobody holds it any more";
}

TEST(Peer, a_long_table_is_read_to_its_end) {
  const Connection connection(AF_INET);
  const Tables tables;
  std::string rows;
  for (int i = 0; i < 5000; ++i) rows += row("0100007F:0001", "0100007F:0002", "1", "5") + "\n";
  tables.write("tcp", rows + row(connection.local, connection.remote, std::to_string(geteuid()), "77"));
  EXPECT_EQ(peer_of(connection.server.get(), tables.folder.path()), Peer::trusted);
}

TEST(Peer, without_the_table_nobody_can_tell) {
  const base::OwnDirectory none;
  EXPECT_EQ(peer_of(Connection(AF_INET).server.get(), none.path()), Peer::cannot_tell);
  EXPECT_EQ(peer_of(Connection(AF_INET6).server.get(), none.path()), Peer::cannot_tell);
  const Tables only_v4;
  only_v4.write("tcp", "");
  EXPECT_EQ(peer_of(Connection(AF_INET).server.get(), only_v4.folder.path()), Peer::of_another);
}

}  // namespace
}  // namespace http
