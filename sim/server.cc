// A coroutine for each connection, on one io_context. Replies are written as bytes of our own, so that faults can cut,
// drip or withhold them.
#include "server.h"

#include "authentication.h"
#include "routes.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/unicast.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sys/signalfd.h>
#include <unistd.h>

#include <map>

namespace sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr std::uint64_t kMostBody = 1U << 20U;
constexpr std::uint32_t kMostHeader = 64U << 10U;
constexpr auto kIdle = std::chrono::minutes(5);
constexpr int kBacklog = 4096;
constexpr int kUsualHops = 64;

awaitable<void> wait_for(base::Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(use_awaitable);
}

std::string reason_of(int status) { return std::string(http::obsolete_reason(static_cast<http::status>(status))); }

std::string head_of(const Reply& reply, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " " + reason_of(reply.status) + "\r\n";
  for (const auto& [name, value] : reply.headers) head.append(name).append(": ").append(value).append("\r\n");
  head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  if (!keep_alive) head += "Connection: close\r\n";
  return head + "\r\n";
}

Request request_of(const http::request<http::string_body>& message) {
  Request request;
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
  request.body = message.body();
  return request;
}

template <class Stream>
awaitable<void> write_bytes(Stream& stream, std::string_view bytes, base::Duration between) {
  if (between.count() == 0) {
    co_await asio::async_write(stream, asio::buffer(bytes.data(), bytes.size()), use_awaitable);
    co_return;
  }
  for (const char& byte : bytes) {
    co_await asio::async_write(stream, asio::buffer(&byte, 1), use_awaitable);
    co_await wait_for(between);
  }
}

enum class Next { go_on, close, reset };

/// How many routers what is sent from now on may pass.
void limit_hops(beast::tcp_stream& stream, int hops) {
  boost::system::error_code ignored;  // the client may have gone
  (void)stream.socket().set_option(asio::ip::unicast::hops(hops), ignored);
}

/// Sends a reply the way its delivery says.
template <class Stream>
awaitable<Next> deliver(Stream& stream, beast::tcp_stream& lower, const Outcome& outcome, bool keep_alive) {
  using Manner = Delivery::Manner;
  const Delivery& delivery = outcome.delivery;
  if (delivery.delay.count() > 0) co_await wait_for(delivery.delay);
  if (delivery.manner == Manner::close) co_return Next::close;
  if (delivery.manner == Manner::reset) co_return Next::reset;
  if (delivery.manner == Manner::hang) {
    char byte = 0;  // until the client gives up
    while (true) co_await stream.async_read_some(asio::buffer(&byte, 1), use_awaitable);
  }
  std::string bytes = head_of(outcome.reply, keep_alive) + outcome.reply.body;
  if (delivery.manner == Manner::truncate) bytes.resize(bytes.size() - outcome.reply.body.size() / 2);
  limit_hops(lower, delivery.hops.value_or(kUsualHops));
  co_await write_bytes(stream, bytes, delivery.between_bytes);
  co_return delivery.manner == Manner::truncate || !keep_alive ? Next::close : Next::go_on;
}

/// Requests of one connection, one after another. `lower` is the TCP stream under `stream`.
template <class Stream>
awaitable<Next> serve_requests(Stream& stream, beast::tcp_stream& lower, Service& service, std::string host) {
  beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kMostBody);
    parser.header_limit(kMostHeader);
    lower.expires_after(kIdle);
    co_await http::async_read(stream, buffer, parser, use_awaitable);
    lower.expires_never();
    const Request request = request_of(parser.get());
    const std::string name = host.empty() ? std::string(request.header("host").value_or("")) : host;
    const Outcome outcome = service.handle(request, name);
    const Next next = co_await deliver(stream, lower, outcome, parser.keep_alive());
    if (next != Next::go_on) co_return next;
  }
}

void end(beast::tcp_stream& stream, Next next) {
  boost::system::error_code ignored;
  // asio gives each failure twice: what it returns is what it puts into the last argument.
  if (next == Next::reset) (void)stream.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  if (next == Next::close) (void)stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  (void)stream.socket().close(ignored);
}

/// `host`: whom the port stands for; empty where the Host header says it.
awaitable<void> plain_connection(tcp::socket socket, Service& service, std::string host) {
  beast::tcp_stream stream(std::move(socket));
  Next next = Next::close;
  try {
    next = co_await serve_requests(stream, stream, service, std::move(host));
  } catch (const boost::system::system_error&) {
    next = Next::close;  // the client went away, or spoke no HTTP
  }
  end(stream, next);
}

}  // namespace

struct Server::Parts {
  explicit Parts(Service& the_service) : service(the_service) {}

  asio::ssl::context& context_of(const std::string& host) {
    auto found = contexts.find(host);
    if (found == contexts.end()) {
      SSL_CTX* made = authority->context_for(host);
      if (made == nullptr) throw std::runtime_error("no certificate for " + host);
      found = contexts.emplace(host, std::make_unique<asio::ssl::context>(made)).first;
    }
    return *found->second;
  }

  awaitable<Next> tunnel(beast::tcp_stream& stream) {
    beast::flat_buffer buffer;
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kMostHeader);
    stream.expires_after(kIdle);
    co_await http::async_read(stream, buffer, parser, use_awaitable);
    const std::string target(parser.get().target());
    const std::string host = target.substr(0, target.find(':'));
    const bool known = is_served(endpoint_of(host, service.world().state).service);
    if (parser.get().method() != http::verb::connect || !known || !target.ends_with(":443")) {
      const Reply refused{
          .status = 403, .headers = {{"Content-Type", "text/plain"}}, .body = "kabuto-sim: only AWS's hosts\n"};
      co_await write_bytes(stream, head_of(refused, false) + refused.body, base::Duration(0));
      co_return Next::close;
    }
    co_await write_bytes(stream, "HTTP/1.1 200 Connection established\r\n\r\n", base::Duration(0));
    asio::ssl::stream<beast::tcp_stream&> secure(stream, context_of(host));
    co_await secure.async_handshake(asio::ssl::stream_base::server, buffer.data(), use_awaitable);
    co_return co_await serve_requests(secure, stream, service, host);
  }

  awaitable<void> proxy_connection(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    Next next = Next::close;
    try {
      next = co_await tunnel(stream);
    } catch (const std::exception&) {
      next = Next::close;  // the client went away, or does not trust the authority
    }
    end(stream, next);
  }

  enum class Door { plain, proxy };
  awaitable<void> accept(tcp::acceptor& from, Door door, std::string host = {}) {
    constexpr auto pause_without_descriptors = std::chrono::milliseconds(20);
    while (true) {
      boost::system::error_code error;
      tcp::socket socket = co_await from.async_accept(asio::redirect_error(use_awaitable, error));
      if (error) {
        co_await wait_for(pause_without_descriptors);
        continue;
      }
      (void)socket.set_option(tcp::no_delay(true), error);
      if (door == Door::proxy)
        asio::co_spawn(loop, proxy_connection(std::move(socket)), asio::detached);
      else
        asio::co_spawn(loop, plain_connection(std::move(socket), service, host), asio::detached);
    }
  }

  awaitable<void> watch(std::function<void(int, Origin)> on_signal) {
    while (true) {
      signalfd_siginfo info{};
      co_await signals.async_read_some(asio::buffer(&info, sizeof info), use_awaitable);
      on_signal(static_cast<int>(info.ssi_signo), info.ssi_code == SI_KERNEL ? Origin::terminal : Origin::process);
    }
  }

  Service& service;
  asio::io_context loop{1};
  tcp::acceptor acceptor{loop};
  tcp::acceptor proxy_acceptor{loop};
  struct Named {
    std::string host;
    tcp::acceptor acceptor;
  };
  std::vector<Named> named;
  asio::posix::stream_descriptor signals{loop};
  const CertificateAuthority* authority = nullptr;
  std::map<std::string, std::unique_ptr<asio::ssl::context>> contexts;
};

namespace {

base::Result<void> bind_to(tcp::acceptor& acceptor, const tcp::endpoint& address) {
  boost::system::error_code error;
  (void)acceptor.open(address.protocol(), error);
  if (!error) (void)acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) (void)acceptor.bind(address, error);
  if (!error) (void)acceptor.listen(kBacklog, error);
  if (error)
    return base::fail(base::ErrorKind::failure, "listen on " + address.address().to_string() + ": " + error.message());
  return {};
}

base::Result<void> bind_loopback(tcp::acceptor& acceptor, std::uint16_t port) {
  return bind_to(acceptor, {asio::ip::address_v4::loopback(), port});
}

}  // namespace

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::listen(Service& service, std::uint16_t port) {
  std::unique_ptr<Server> server(new Server(std::make_unique<Parts>(service)));
  TRY(bind_loopback(server->parts_->acceptor, port));
  return server;
}

base::Result<void> Server::listen_proxy(const CertificateAuthority& authority) {
  parts_->authority = &authority;
  return bind_loopback(parts_->proxy_acceptor, 0);
}

base::Result<std::uint16_t> Server::listen_as(std::string host) {
  tcp::acceptor four(parts_->loop);
  TRY(bind_loopback(four, 0));
  const std::uint16_t port = four.local_endpoint().port();
  tcp::acceptor six(parts_->loop);
  // A machine without IPv6 has no client that asks there.
  if (bind_to(six, {asio::ip::address_v6::loopback(), port})) parts_->named.push_back({host, std::move(six)});
  parts_->named.push_back({std::move(host), std::move(four)});
  return port;
}

std::uint16_t Server::port() const { return parts_->acceptor.local_endpoint().port(); }
std::uint16_t Server::proxy_port() const { return parts_->proxy_acceptor.local_endpoint().port(); }

void Server::on_signals(const sigset_t& signals, std::function<void(int, Origin)> on_signal) {
  parts_->signals.assign(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  asio::co_spawn(parts_->loop, parts_->watch(std::move(on_signal)), asio::detached);
}

void Server::run() {
  asio::co_spawn(parts_->loop, parts_->accept(parts_->acceptor, Parts::Door::plain), asio::detached);
  if (parts_->proxy_acceptor.is_open())
    asio::co_spawn(parts_->loop, parts_->accept(parts_->proxy_acceptor, Parts::Door::proxy), asio::detached);
  for (Parts::Named& one : parts_->named)
    asio::co_spawn(parts_->loop, parts_->accept(one.acceptor, Parts::Door::plain, one.host), asio::detached);
  parts_->loop.run();
}

void Server::stop() { parts_->loop.stop(); }

}  // namespace sim
