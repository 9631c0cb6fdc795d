// A server on 127.0.0.1 for tests of the HTTP client: it answers as badly as a test asks. Only tests include it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace http {

/// Reads one request with its body from a socket (or whatever `read_some` reads from).
template <class ReadSome>
std::string read_request(ReadSome&& read_some) {
  std::string text;
  char piece[4096];
  std::size_t wanted = std::string::npos;
  while (wanted == std::string::npos || text.size() < wanted) {
    const auto count = read_some(piece, sizeof piece);
    if (count <= 0) break;
    text.append(piece, static_cast<std::size_t>(count));
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos || wanted != std::string::npos) continue;
    const auto length = text.find("Content-Length: ");
    wanted = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
  }
  return text;
}

inline std::string read_request(int fd) {
  return read_request([fd](char* to, std::size_t size) { return read(fd, to, size); });
}

/// False when the other side has gone.
inline bool send_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

inline std::string reply_text(std::string_view body, std::string_view head = "200 OK") {
  return "HTTP/1.1 " + std::string(head) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + std::string(body);
}

/// A socket that listens on a free port, which goes into `address`.
inline int listen_on_loopback(int queue, sockaddr_in& address) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener, queue), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return listener;
}

class LoopbackServer {
 public:
  using Serve = std::function<void(int fd)>;

  explicit LoopbackServer(Serve serve) : serve_(std::move(serve)) {
    sockaddr_in address{};
    listener_ = listen_on_loopback(16, address);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  /// Answers every request with the same bytes.
  explicit LoopbackServer(std::string reply)
      : LoopbackServer([this, reply = std::move(reply)](int fd) {
          keep(read_request(fd));
          send_text(fd, reply);
        }) {}
  ~LoopbackServer() {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }
  std::string url(std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + "/";
  }
  int connections() const { return connections_; }
  bool is_stopping() const { return stopping_; }
  void keep(std::string request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// Until the other side closes or the test ends.
  void hold(int fd) const {
    char ignored[256];
    while (!stopping_) {
      pollfd wait{fd, POLLIN, 0};
      if (poll(&wait, 1, 20) > 0 && read(fd, ignored, sizeof ignored) <= 0) return;
    }
  }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd wait{listener_, POLLIN, 0};
      if (poll(&wait, 1, 20) <= 0) continue;
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      ++connections_;
      serve_(fd);
      close(fd);
    }
  }

  Serve serve_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace http
