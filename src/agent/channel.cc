#include "agent/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace agent {
namespace {

using base::Duration;
using base::ErrorKind;

// An agent answers in less than a millisecond; one that is stopped must not hold a command up for long.
constexpr Duration kGreetingTime{1'000};
// Sealing waits for the store's lock.
constexpr Duration kAnswerTime{10'000};

std::unexpected<base::Error> broken(const std::string& why) {
  return base::fail(ErrorKind::failure, "the agent does not answer: " + why, "run kabuto agent stop");
}

}  // namespace

base::Result<std::optional<Channel>> Channel::open(const Place& place, std::string_view version, base::Clock& clock) {
  auto fd = TRY(connect_to(place));
  if (!fd) return std::nullopt;
  fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  Channel channel(std::move(*fd), clock);
  TRY(channel.greet(version));
  return channel;
}

base::Result<void> Channel::greet(std::string_view version) {
  const secret::Bytes protocol = secret::Bytes::copy_of(kProtocol);
  const secret::Bytes our_version = secret::Bytes::copy_of(version);
  const std::array<const secret::Bytes*, 2> parts{&protocol, &our_version};
  const Duration deadline = clock_->monotonic() + kGreetingTime;
  TRY(send(encode(Op::hello, parts), deadline));
  const secret::Bytes body = TRY(receive(deadline));
  const auto reply = decode_reply(body, Op::hello);
  if (!reply || reply->outcome != Outcome::done) return broken("its greeting is none");
  greeting_ = {reply->text(0), reply->text(1), reply->text(2) == "yes", reply->text(3) == "yes"};
  return {};
}

base::Result<Reply> Channel::ask(Op op, std::span<const secret::Bytes* const> parts) {
  const Duration deadline = clock_->monotonic() + kAnswerTime;
  const secret::Bytes asked = encode(op, parts);
  if (asked.size() > kLargestBody) return base::fail(ErrorKind::refused, "that is too much for one request");
  TRY(send(asked, deadline));
  const secret::Bytes body = TRY(receive(deadline));
  auto reply = decode_reply(body, op);
  if (!reply) return broken("its answer is none");
  return std::move(*reply);
}

bool Channel::is_over() {
  std::array<std::byte, 1> byte{};
  const auto more = wait(POLLIN, clock_->monotonic() + kGreetingTime);
  return more && read(fd_.get(), byte.data(), byte.size()) <= 0;
}

base::Result<void> Channel::wait(short events, Duration deadline) {
  for (;;) {
    const Duration left = deadline - clock_->monotonic();
    if (left <= Duration::zero()) return broken("it takes too long");
    pollfd one{fd_.get(), events, 0};
    const int ready = poll(&one, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return broken(base::errno_text(errno));
  }
}

base::Result<void> Channel::send(const secret::Bytes& body, Duration deadline) {
  const secret::Bytes frame = secret::Bytes::concatenated(secret::Bytes::copy_of(frame_header(body.size())), body);
  return frame.reveal([&](std::span<const std::byte> bytes) -> base::Result<void> {
    while (!bytes.empty()) {
      TRY(wait(POLLOUT, deadline));
      const ssize_t n = write(fd_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno != EAGAIN && errno != EINTR) return broken(base::errno_text(errno));
      if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
  });
}

base::Result<void> Channel::read_into(std::span<std::byte> to, Duration deadline) {
  while (!to.empty()) {
    TRY(wait(POLLIN, deadline));
    const ssize_t n = read(fd_.get(), to.data(), to.size());
    if (n == 0) return broken("it has closed the connection");
    if (n < 0 && errno != EAGAIN && errno != EINTR) return broken(base::errno_text(errno));
    if (n > 0) to = to.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

base::Result<secret::Bytes> Channel::receive(Duration deadline) {
  std::array<std::byte, kHeaderBytes> header{};
  TRY(read_into(header, deadline));
  const auto length = body_length(header);
  if (!length) return broken("its frame has no good length");
  secret::Bytes body(*length);
  TRY(body.edit([&](std::span<std::byte> to) { return read_into(to, deadline); }));
  return body;
}

}  // namespace agent
