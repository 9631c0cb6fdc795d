// The terminal under a question or a list: /dev/tty opened, its modes changed for a while and put back exactly as they
// were, and the signals that must not leave it changed. It knows nothing of what is asked.
#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

#include <signal.h>
#include <termios.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace secret {

/// sign_in_needed: "nobody can be asked: why".
base::Error nobody_to_ask(std::string_view why);

/// Fails (nobody_to_ask) where there is no terminal, or it belongs to another process group: reading it from the
/// background would stop the process, and take a line that the foreground program waits for.
base::Result<base::Descriptor> open_terminal(const std::string& path);

/// Catches INT, TERM, HUP, QUIT, TSTP and WINCH while it lives; they are delivered only inside wait(). One at a time.
class WatchedSignals {
 public:
  WatchedSignals();
  ~WatchedSignals();
  WatchedSignals(const WatchedSignals&) = delete;
  WatchedSignals& operator=(const WatchedSignals&) = delete;

  struct Woken {
    int signal = 0;  // raise() it, once the terminal is as it was
    bool resized = false;
    bool readable = false;  // none of the three: the time is over
  };
  /// Until the terminal has a byte, a signal came, or the time is over (nullopt: never).
  Woken wait(int terminal, std::optional<base::Duration> timeout = std::nullopt);

 private:
  static constexpr std::array kWatched = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};

  std::array<struct sigaction, kWatched.size()> before_{};
  sigset_t mask_before_{};
  sigset_t during_wait_{};
};

enum class TerminalMode {
  no_echo,  // lines, unseen: what was typed before is dropped, before and after
  keys,     // each key as it comes; what is typed ahead of the end is left for the next reader
};

/// The terminal in another mode while it lives. Signals still come from its keys.
class ChangedTerminal {
 public:
  static base::Result<ChangedTerminal> make(int terminal, TerminalMode mode);
  ChangedTerminal(ChangedTerminal&& other) noexcept;
  ChangedTerminal& operator=(ChangedTerminal&&) = delete;
  ~ChangedTerminal();

 private:
  ChangedTerminal(int terminal, const termios& before, int when_restored)
      : terminal_(terminal), before_(before), when_restored_(when_restored) {}
  int terminal_;
  termios before_;
  int when_restored_;
};

}  // namespace secret
