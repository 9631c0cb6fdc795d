#include "secret/bounded_child.h"

#include "base/child.h"
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace secret {
namespace {

constexpr base::Duration kReapPause{10};
constexpr int kReapTries = 20;

/// A child that hangs in a driver dies only when the device lets go of it; init reaps it then.
void reap_if_dead(pid_t child, base::Clock& clock) {
  for (int tries = 0; tries < kReapTries && waitpid(child, nullptr, WNOHANG) == 0; ++tries) clock.sleep(kReapPause);
}

}  // namespace

base::Result<Bytes> run_bounded(const std::function<void(const Send&)>& work, base::Duration limit,
                                std::size_t most_bytes, std::string_view what, base::Clock& clock) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return base::fail(base::ErrorKind::failure, "make a pipe: " + base::errno_text(errno));
  base::Descriptor read_end(ends[0]);
  base::Descriptor write_end(ends[1]);
  const pid_t child = fork();
  if (child < 0) return base::fail(base::ErrorKind::failure, fmt::format("{}: {}", what, base::errno_text(errno)));
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    // A library's own complaints are not part of our output.
    const int null = open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2})
      if (null >= 0) dup2(null, fd);
    work([&](std::span<const std::byte> bytes) { (void)base::write_all(write_end.get(), bytes); });
    // Not exit(): what the parent has buffered or registered is the parent's.
    _exit(0);
  }
  write_end = base::Descriptor();
  const auto deadline = clock.monotonic() + limit;
  Buffer answer(most_bytes);
  const auto give_up = [&](const std::string& why) {
    kill(child, SIGKILL);
    reap_if_dead(child, clock);
    return base::fail(base::ErrorKind::unreachable, fmt::format("{}: {}", what, why));
  };
  for (;;) {
    const auto left = deadline - clock.monotonic();
    if (left.count() <= 0) return give_up("no answer within " + base::human_duration(limit));
    pollfd readable{read_end.get(), POLLIN, 0};
    const int ready = poll(&readable, 1, static_cast<int>(std::min<long long>(left.count(), 60'000)));
    if (ready < 0 && errno != EINTR) return give_up(base::errno_text(errno));
    if (ready <= 0) continue;
    const auto room = answer.room();
    if (room.empty()) return give_up("its answer is too long");
    const ssize_t n = read(read_end.get(), room.data(), room.size());
    if (n == 0) break;
    if (n > 0) answer.filled(static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) return give_up(base::errno_text(errno));
  }
  if (base::wait_for_end(child) > base::kBySignal)
    return base::fail(base::ErrorKind::unreachable, fmt::format("{}: it crashed", what));
  return std::move(answer).take();
}

}  // namespace secret
