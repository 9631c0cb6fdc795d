#include "deliver/supervisor.h"

#include "base/child.h"
#include "base/text.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <thread>
#include <utility>

namespace deliver {
namespace {

using base::Descriptor;

constexpr std::size_t kLongestReason = 4096;

sigset_t held_signals() {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD}) sigaddset(&held, number);
  return held;
}

}  // namespace

struct Supervisor::State {
  Descriptor ended;  // an eventfd
  pid_t child = 0;
  std::atomic<int> code{0};
  std::atomic<bool> gives_up{false};
  std::thread watcher;

  void end() {
    const std::uint64_t one = 1;
    (void)!write(ended.get(), &one, sizeof one);
  }
  /// Whether the child has ended.
  bool reap() {
    const auto ended_with = child == 0 ? std::nullopt : base::code_if_ended(child);
    if (ended_with) code = *ended_with;
    return ended_with.has_value();
  }
  void watch_signals() {
    const sigset_t held = held_signals();
    while (!gives_up) {
      siginfo_t info{};
      const int number = sigwaitinfo(&held, &info);
      if (number < 0) continue;
      if (number == SIGCHLD) {
        if (!reap()) continue;
        return end();
      }
      if (child == 0) return end();
      // What the terminal sends, the command has got too.
      if (info.si_code != SI_KERNEL) kill(child, number);
    }
  }
};

Supervisor::Supervisor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Supervisor::Supervisor(Supervisor&&) noexcept = default;

Supervisor::~Supervisor() {
  if (state_ == nullptr || !state_->watcher.joinable()) return;
  state_->gives_up = true;
  pthread_kill(state_->watcher.native_handle(), SIGCHLD);
  state_->watcher.join();
}

base::Result<Supervisor> Supervisor::open() {
  auto state = std::make_unique<State>();
  state->ended = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->ended.valid()) return base::fail(base::ErrorKind::failure, "watch a command: " + base::errno_text(errno));
  const sigset_t held = held_signals();
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  return Supervisor(std::move(state));
}

std::expected<void, ExecFailure> Supervisor::start(const std::vector<std::string>& argv,
                                                   const EnvironmentBlock& environment) {
  const auto failed = [](const std::string& doing) {
    return std::unexpected(ExecFailure{126, {base::ErrorKind::failure, doing + ": " + base::errno_text(errno), {}}});
  };
  // Closed by a successful exec; else it brings why there was none.
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return failed("make a pipe");
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  state_->child = fork();
  if (state_->child < 0) {
    state_->child = 0;
    return failed("start a command");
  }
  if (state_->child == 0) {
    const auto failure = exec(argv, environment);
    (void)base::write_all(write_end.get(), std::as_bytes(std::span(failure.error.what)));
    _exit(failure.exit_code);
  }
  write_end = Descriptor();
  std::string reason(kLongestReason, '\0');
  std::size_t size = 0;
  while (size < reason.size()) {
    const auto count = read(read_end.get(), reason.data() + size, reason.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size == 0) return {};
  reason.resize(size);
  const int code = base::wait_for_end(state_->child);
  state_->child = 0;
  return std::unexpected(ExecFailure{code, {base::ErrorKind::failure, reason, {}}});
}

void Supervisor::watch() {
  state_->watcher = std::thread([state = state_.get()] { state->watch_signals(); });
}

int Supervisor::stop_fd() const { return state_->ended.get(); }
int Supervisor::exit_code() const { return state_->code; }

}  // namespace deliver
