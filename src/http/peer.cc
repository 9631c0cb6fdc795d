#include "http/peer.h"

#include "base/file.h"
#include "base/text.h"
#include "http/socket_diag.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <span>

namespace http {
namespace {

// A table is read in pieces, and a row may be passed over while others come and go.
constexpr int kReadings = 3;
constexpr std::size_t kPiece = 65536;
constexpr std::size_t kUid = 7;
constexpr std::size_t kInode = 9;

/// The kernel prints addresses as words of this machine's byte order.
std::string in_words(std::span<const std::byte> address, in_port_t port) {
  std::string out;
  char text[9];
  for (std::size_t i = 0; i + 4 <= address.size(); i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, address.data() + i, 4);
    (void)snprintf(text, sizeof text, "%08X", word);
    out += text;
  }
  (void)snprintf(text, sizeof text, ":%04X", static_cast<unsigned>(ntohs(port)));
  return out + text;
}

/// The next word of `row`, which is cut off from it.
std::string_view next_word(std::string_view& row) {
  row.remove_prefix(std::min(row.find_first_not_of(' '), row.size()));
  const auto word = row.substr(0, row.find(' '));
  row.remove_prefix(word.size());
  return word;
}

enum class Found { owner, nobody, no_table };
struct Search {
  Found found = Found::nobody;
  uid_t owner = 0;
};

Search search(const std::string& table, const std::string& local, const std::string& remote) {
  const base::Descriptor fd(open(table.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return {Found::no_table};
  std::string rows;
  std::array<char, kPiece> piece;
  for (;;) {
    const auto count = read(fd.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {Found::no_table};
    if (count == 0) return {};
    rows.append(piece.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (auto end = rows.find('\n'); end != rows.npos; end = rows.find('\n', begin)) {
      if (const auto owner = owner_by_row(std::string_view(rows).substr(begin, end - begin), local, remote))
        return {Found::owner, *owner};
      begin = end + 1;
    }
    rows.erase(0, begin);
  }
}

Peer judged(uid_t owner) { return owner == geteuid() || owner == 0 ? Peer::trusted : Peer::of_another; }

}  // namespace

std::string table_end(const sockaddr_storage& address, bool mapped) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    in6_addr whole{};
    whole.s6_addr[10] = whole.s6_addr[11] = 0xff;
    std::memcpy(&whole.s6_addr[12], &v4.sin_addr, sizeof v4.sin_addr);
    const auto bytes = std::as_bytes(std::span(whole.s6_addr));
    return in_words(mapped ? bytes : bytes.last(4), v4.sin_port);
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return in_words(std::as_bytes(std::span(v6.sin6_addr.s6_addr)), v6.sin6_port);
  }
  return {};
}

std::optional<uid_t> owner_by_row(std::string_view row, std::string_view local, std::string_view remote) {
  next_word(row);
  if (local.empty() || next_word(row) != local || next_word(row) != remote) return std::nullopt;
  std::string_view owner, inode;
  for (std::size_t word = 3; word <= kInode; ++word) {
    const auto text = next_word(row);
    if (word == kUid) owner = text;
    if (word == kInode) inode = text;
  }
  // A socket that its program has closed has no inode, and root for an owner.
  if (const auto number = base::parse_integer(inode); !number || *number <= 0) return std::nullopt;
  const auto uid = base::parse_integer(owner);
  if (!uid || *uid < 0 || *uid > std::numeric_limits<uid_t>::max()) return std::nullopt;
  return static_cast<uid_t>(*uid);
}

Peer peer_of(int fd, const std::string& tables) { return peer_of(fd, nullptr, tables); }

Peer peer_of(int fd, const SocketDiag* diag, const std::string& tables) {
  sockaddr_storage here{}, there{};
  socklen_t size = sizeof here;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size) != 0) return Peer::of_another;
  size = sizeof there;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&there), &size) != 0) return Peer::of_another;
  if (diag != nullptr)
    if (const auto owner = diag->owner(there, here)) return judged(*owner);
  const bool is_v4 = here.ss_family == AF_INET;
  for (int i = 0; i < kReadings; ++i) {
    auto seen = search(tables + (is_v4 ? "/tcp" : "/tcp6"), table_end(there, false), table_end(here, false));
    if (seen.found == Found::no_table) return Peer::cannot_tell;
    // A program may have a socket of IPv6 for an address of IPv4.
    if (seen.found == Found::nobody && is_v4)
      seen = search(tables + "/tcp6", table_end(there, true), table_end(here, true));
    if (seen.found == Found::owner) return judged(seen.owner);
  }
  return Peer::of_another;
}

}  // namespace http
