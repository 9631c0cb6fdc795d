#include "secret/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace secret {
namespace {

// A signal handler can reach nothing but a global; they are set only while somebody waits.
volatile sig_atomic_t caught_signal = 0;
volatile sig_atomic_t caught_resize = 0;

void remember(int signal) {
  if (signal == SIGWINCH)
    caught_resize = 1;
  else
    caught_signal = signal;
}

}  // namespace

base::Error nobody_to_ask(std::string_view why) {
  return {base::ErrorKind::sign_in_needed, "nobody can be asked: " + std::string(why), "run it in a terminal"};
}

base::Result<base::Descriptor> open_terminal(const std::string& path) {
  base::Descriptor terminal(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid() || isatty(terminal.get()) == 0) return std::unexpected(nobody_to_ask("there is no terminal"));
  if (tcgetpgrp(terminal.get()) != getpgrp())
    return std::unexpected(nobody_to_ask("the terminal belongs to another program"));
  return terminal;
}

WatchedSignals::WatchedSignals() {
  caught_signal = 0;
  caught_resize = 0;
  sigset_t block;
  sigemptyset(&block);
  for (const int signal : kWatched) sigaddset(&block, signal);
  sigaddset(&block, SIGTTOU);  // restoring termios from the background must not stop us
  sigprocmask(SIG_BLOCK, &block, &mask_before_);
  during_wait_ = mask_before_;
  for (std::size_t i = 0; i < kWatched.size(); ++i) {
    struct sigaction ours{};
    ours.sa_handler = remember;
    sigaction(kWatched[i], nullptr, &before_[i]);
    // What the caller ignores (nohup) stays ignored.
    if (before_[i].sa_handler == SIG_IGN) continue;
    sigaction(kWatched[i], &ours, nullptr);
    sigdelset(&during_wait_, kWatched[i]);
  }
}

WatchedSignals::~WatchedSignals() {
  for (std::size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &before_[i], nullptr);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

WatchedSignals::Woken WatchedSignals::wait(int terminal, std::optional<base::Duration> timeout) {
  Woken woken;
  while (caught_signal == 0 && caught_resize == 0) {
    pollfd readable{terminal, POLLIN, 0};
    timespec limit{};
    if (timeout) {
      limit.tv_sec = timeout->count() / 1000;
      limit.tv_nsec = timeout->count() % 1000 * 1'000'000;
    }
    const int ready = ppoll(&readable, 1, timeout ? &limit : nullptr, &during_wait_);
    woken.readable = ready > 0;
    if (ready >= 0 || errno != EINTR) break;
  }
  woken.signal = std::exchange(caught_signal, 0);
  woken.resized = std::exchange(caught_resize, 0) != 0;
  return woken;
}

base::Result<ChangedTerminal> ChangedTerminal::make(int terminal, TerminalMode mode) {
  termios before{};
  if (tcgetattr(terminal, &before) != 0) return std::unexpected(nobody_to_ask("the terminal does not answer"));
  termios changed = before;
  changed.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
  changed.c_lflag |= ISIG;
  if (mode == TerminalMode::no_echo) {
    changed.c_lflag |= ICANON;
  } else {
    changed.c_lflag &= ~static_cast<tcflag_t>(ICANON | IEXTEN);
    changed.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL | INLCR | IGNCR | ISTRIP);
    changed.c_cc[VMIN] = 1;
    changed.c_cc[VTIME] = 0;
  }
  // What was typed before the question is no answer to it.
  if (tcsetattr(terminal, TCSAFLUSH, &changed) != 0)
    return std::unexpected(nobody_to_ask("the terminal's echo cannot be switched off"));
  return ChangedTerminal(terminal, before, mode == TerminalMode::no_echo ? TCSAFLUSH : TCSADRAIN);
}

ChangedTerminal::ChangedTerminal(ChangedTerminal&& other) noexcept
    : terminal_(std::exchange(other.terminal_, -1)), before_(other.before_), when_restored_(other.when_restored_) {}

ChangedTerminal::~ChangedTerminal() {
  if (terminal_ >= 0) tcsetattr(terminal_, when_restored_, &before_);
}

}  // namespace secret
