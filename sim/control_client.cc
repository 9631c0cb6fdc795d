// A blocking request by plain sockets.
#include "control_client.h"

#include "base/file.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>

namespace sim {

base::Result<ControlAnswer> ask_simulator(std::string_view url, std::string_view method, std::string_view path,
                                          std::string_view body) {
  using base::ErrorKind;
  constexpr std::string_view prefix = "http://127.0.0.1:";
  const std::optional<std::int64_t> port =
      url.starts_with(prefix) ? base::parse_integer(url.substr(prefix.size())) : std::nullopt;
  if (!port || *port < 1 || *port > 65535)
    return base::fail(ErrorKind::usage, "KABUTO_SIM_URL must be http://127.0.0.1:PORT", "kabuto-sim run -- bash");
  const base::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(*port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::fail(ErrorKind::unreachable, "no simulator at " + std::string(url) + ": " + base::errno_text(errno));
  std::string request =
      std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(*port) +
      "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  TRY(base::write_all(socket.get(), std::as_bytes(std::span(request))));
  std::string answer;
  std::array<char, 16384> chunk{};
  while (true) {
    const ssize_t count = ::read(socket.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    answer.append(chunk.data(), static_cast<std::size_t>(count));
  }
  const std::size_t split = answer.find("\r\n\r\n");
  const std::size_t space = answer.find(' ');
  if (split == std::string::npos || space == std::string::npos)
    return base::fail(ErrorKind::failure, "the simulator's answer was cut short");
  const auto status = base::parse_integer(std::string_view(answer).substr(space + 1, 3));
  return ControlAnswer{.status = static_cast<int>(status.value_or(0)), .body = answer.substr(split + 4)};
}

}  // namespace sim
