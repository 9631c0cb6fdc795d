// A blocking client: connect, write, read to the end.
#include "loopback_http.h"

#include "base/file.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

namespace sim {
namespace {

using base::ErrorKind;

base::Result<base::Descriptor> connect_to(const LoopbackAddress& address) {
  const bool six = address.host == "[::1]";
  base::Descriptor socket(::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return base::fail(ErrorKind::failure, "open a socket: " + base::errno_text(errno));
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(address.port);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 long_form{};
  long_form.sin6_family = AF_INET6;
  long_form.sin6_port = htons(address.port);
  long_form.sin6_addr = in6addr_loopback;
  const auto* where = six ? reinterpret_cast<const sockaddr*>(&long_form) : reinterpret_cast<const sockaddr*>(&four);
  if (::connect(socket.get(), where, six ? sizeof long_form : sizeof four) != 0)
    return base::fail(ErrorKind::unreachable, "nobody listens at " + address.host + ":" + std::to_string(address.port) +
                                                  ": " + base::errno_text(errno));
  return socket;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 16384> chunk{};
  while (true) {
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

base::Result<Reply> parse_reply(const std::string& text) {
  const std::size_t split = text.find("\r\n\r\n");
  const std::size_t space = text.find(' ');
  if (split == std::string::npos || space > split) return base::fail(ErrorKind::failure, "the answer was cut short");
  const std::string_view head = std::string_view(text).substr(0, split);
  Reply reply{.status = static_cast<int>(base::parse_integer(head.substr(space + 1, 3)).value_or(0)),
              .headers = {},
              .body = text.substr(split + 4)};
  for (const std::string_view line : base::split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      reply.headers.emplace_back(line.substr(0, colon), base::trim_lines(line.substr(colon + 1)));
  }
  return reply;
}

}  // namespace

base::Result<LoopbackUrl> parse_loopback_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const std::size_t end = std::min(url.find_first_of("/?#", scheme.size()), url.size());
  const std::string_view authority = url.starts_with(scheme) ? url.substr(scheme.size(), end - scheme.size()) : "";
  const std::size_t colon = authority.rfind(':');
  const std::string host(authority.substr(0, colon));
  const auto port = base::parse_integer(colon == std::string_view::npos ? "" : authority.substr(colon + 1)).value_or(0);
  const bool loopback = host == "127.0.0.1" || host == "[::1]" || host == "localhost";
  if (!loopback || port < 1 || port > 65535)
    return base::fail(ErrorKind::usage, base::printable(url) + " is not http://127.0.0.1:PORT");
  const std::string_view target = url.substr(end, url.find('#') - end);
  return LoopbackUrl{.address = {.host = host, .port = static_cast<std::uint16_t>(port)},
                     .target = target.starts_with('/') ? std::string(target) : "/" + std::string(target)};
}

base::Result<Reply> fetch(const LoopbackAddress& address, Request request) {
  if (!request.header("host")) request.headers.emplace_back("Host", address.host + ":" + std::to_string(address.port));
  request.headers.emplace_back("Connection", "close");
  request.headers.emplace_back("Content-Length", std::to_string(request.body.size()));
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) text.append(name).append(": ").append(value).append("\r\n");
  text += "\r\n" + request.body;
  const base::Descriptor socket = TRY(connect_to(address));
  TRY(base::write_all(socket.get(), std::as_bytes(std::span(text))));
  return parse_reply(read_to_end(socket.get()));
}

}  // namespace sim
