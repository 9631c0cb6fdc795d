#include "secret/terminal_prompt.h"

#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <span>
#include <utility>

namespace secret {
namespace {

constexpr std::size_t kLongestAnswer = 4096;  // a line of the terminal's own canonical mode is not longer
constexpr std::array kWatched = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// A signal handler can reach nothing but a global; it is set only while a prompt waits.
volatile sig_atomic_t caught_signal = 0;

void remember(int signal) { caught_signal = signal; }

base::Error nobody_to_ask(std::string_view why) {
  return {base::ErrorKind::sign_in_needed, "nobody can be asked: " + std::string(why), "run it in a terminal"};
}

base::Result<base::Descriptor> open_terminal(const std::string& path) {
  base::Descriptor terminal(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid() || isatty(terminal.get()) == 0) return std::unexpected(nobody_to_ask("there is no terminal"));
  // Reading it from the background would stop the process, and take a line that the foreground program waits for.
  if (tcgetpgrp(terminal.get()) != getpgrp())
    return std::unexpected(nobody_to_ask("the terminal belongs to another program"));
  return terminal;
}

/// Catches the watched signals while it lives; they are delivered only inside wait().
class WatchedSignals {
 public:
  WatchedSignals() {
    caught_signal = 0;
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
  ~WatchedSignals() {
    for (std::size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &before_[i], nullptr);
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  WatchedSignals(const WatchedSignals&) = delete;
  WatchedSignals& operator=(const WatchedSignals&) = delete;

  /// Until the terminal has a byte or a watched signal came; the signal, or 0.
  int wait(int terminal) {
    while (caught_signal == 0) {
      pollfd readable{terminal, POLLIN, 0};
      if (ppoll(&readable, 1, nullptr, &during_wait_) > 0) break;
      if (errno != EINTR) break;
    }
    return caught_signal;
  }

 private:
  std::array<struct sigaction, kWatched.size()> before_{};
  sigset_t mask_before_{};
  sigset_t during_wait_{};
};

/// Echo off while it lives; the terminal is put back exactly as it was.
class QuietTerminal {
 public:
  static base::Result<QuietTerminal> make(int terminal) {
    termios before{};
    if (tcgetattr(terminal, &before) != 0) return std::unexpected(nobody_to_ask("the terminal does not answer"));
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    // What was typed before the question is no answer to it.
    if (tcsetattr(terminal, TCSAFLUSH, &quiet) != 0)
      return std::unexpected(nobody_to_ask("the terminal's echo cannot be switched off"));
    return QuietTerminal(terminal, before);
  }
  QuietTerminal(QuietTerminal&& other) noexcept
      : terminal_(std::exchange(other.terminal_, -1)), before_(other.before_) {}
  QuietTerminal& operator=(QuietTerminal&&) = delete;
  ~QuietTerminal() {
    if (terminal_ >= 0) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }

 private:
  QuietTerminal(int terminal, const termios& before) : terminal_(terminal), before_(before) {}
  int terminal_;
  termios before_;
};

base::Result<void> show(int terminal, std::string_view text) {
  return base::write_all(terminal, std::as_bytes(std::span(text)));
}

struct Line {
  Bytes text;
  int signal = 0;  // not 0: no line, this signal ended the wait
};

base::Result<Line> read_line(int terminal, WatchedSignals& signals) {
  Line line{Bytes(kLongestAnswer), 0};
  std::size_t used = 0;
  for (;;) {
    line.signal = signals.wait(terminal);
    if (line.signal != 0) return line;
    const auto room = line.text.edit([&](std::span<std::byte> all) { return all.subspan(used, 1); });
    const ssize_t n = read(terminal, room.data(), 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::unexpected(nobody_to_ask("the terminal was closed"));
    if (room[0] == std::byte{'\n'}) break;
    if (++used == kLongestAnswer) return base::fail(base::ErrorKind::refused, "the answer is too long");
  }
  line.text.shrink(used);
  return line;
}

}  // namespace

base::Result<void> TerminalPrompt::ready() {
  TRY(open_terminal(path_));
  return {};
}

base::Result<Bytes> TerminalPrompt::ask(std::string_view question, Echo echo) {
  for (;;) {
    // Opened anew each time: after a stop we may have come back in the background.
    const base::Descriptor terminal = TRY(open_terminal(path_));
    Line line;
    {
      WatchedSignals signals;
      std::optional<QuietTerminal> quiet;
      if (echo == Echo::off) quiet.emplace(TRY(QuietTerminal::make(terminal.get())));
      TRY(show(terminal.get(), std::string(question) + ": "));
      auto outcome = read_line(terminal.get(), signals);
      if (echo == Echo::off || !outcome || outcome->signal != 0) (void)show(terminal.get(), "\n");
      line = TRY(std::move(outcome));
    }
    if (line.signal == 0) return std::move(line.text);
    // The terminal is as it was; now the signal takes the effect it would have had without us.
    raise(line.signal);
  }
}

base::Result<Bytes> TerminalPrompt::ask_secret(std::string_view question) { return ask(question, Echo::off); }

base::Result<std::string> TerminalPrompt::ask_text(std::string_view question) {
  const Bytes answer = TRY(ask(question, Echo::on));
  return answer.reveal_text([](std::string_view text) { return std::string(text); });
}

base::Result<void> TerminalPrompt::tell(std::string_view line) {
  const base::Descriptor terminal = TRY(open_terminal(path_));
  return show(terminal.get(), std::string(line) + "\n");
}

}  // namespace secret
