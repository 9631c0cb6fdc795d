#include "http/socket_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <cstring>

namespace http {
namespace {

struct Question {
  nlmsghdr head;
  inet_diag_req_v2 about;
};

bool put_end(const sockaddr_storage& from, std::uint16_t& port, std::uint32_t* address) {
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    port = v4.sin_port;
    address[0] = v4.sin_addr.s_addr;
    return true;
  }
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    port = v6.sin6_port;
    std::memcpy(address, &v6.sin6_addr, sizeof v6.sin6_addr);
    return true;
  }
  return false;
}

}  // namespace

SocketDiag::SocketDiag() : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG)) {}

std::optional<uid_t> SocketDiag::owner(const sockaddr_storage& local, const sockaddr_storage& remote) const {
  if (!fd_.valid() || local.ss_family != remote.ss_family) return std::nullopt;
  Question question{};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.head.nlmsg_flags = NLM_F_REQUEST;
  question.about.sdiag_family = static_cast<__u8>(local.ss_family);
  question.about.sdiag_protocol = IPPROTO_TCP;
  question.about.idiag_states = ~0U;
  auto& id = question.about.id;
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (!put_end(local, id.idiag_sport, id.idiag_src) || !put_end(remote, id.idiag_dport, id.idiag_dst))
    return std::nullopt;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (sendto(fd_.get(), &question, sizeof question, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&kernel),
             sizeof kernel) != static_cast<ssize_t>(sizeof question))
    return std::nullopt;
  // The kernel answers before the sending returns.
  alignas(nlmsghdr) char answer[2048];
  const ssize_t got = recv(fd_.get(), answer, sizeof answer, MSG_DONTWAIT);
  nlmsghdr head{};
  inet_diag_msg found{};
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof found))) return std::nullopt;
  std::memcpy(&head, answer, sizeof head);
  if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  std::memcpy(&found, answer + NLMSG_LENGTH(0), sizeof found);
  const bool is_asked_for = found.id.idiag_sport == id.idiag_sport && found.id.idiag_dport == id.idiag_dport;
  // A socket that its program has closed has no inode, and root for an owner.
  if (!is_asked_for || found.idiag_inode == 0) return std::nullopt;
  return found.idiag_uid;
}

}  // namespace http
