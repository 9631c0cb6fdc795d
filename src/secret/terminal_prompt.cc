#include "secret/terminal_prompt.h"

#include "base/file.h"
#include "secret/terminal.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <span>

namespace secret {
namespace {

constexpr std::size_t kLongestAnswer = 4096;  // a line of the terminal's own canonical mode is not longer

base::Result<void> show(int terminal, std::string_view text) {
  return base::write_all(terminal, std::as_bytes(std::span(text)));
}

struct Line {
  Bytes text;
  int signal = 0;  // not 0: no line, this signal ended the wait
};

/// The signal that came instead of one, or 0.
int wait_for_byte(int terminal, WatchedSignals& signals) {
  for (;;) {
    const auto woken = signals.wait(terminal);
    if (woken.signal != 0 || !woken.resized) return woken.signal;
  }
}

base::Result<Line> read_line(int terminal, WatchedSignals& signals) {
  Line line{Bytes(kLongestAnswer), 0};
  std::size_t used = 0;
  for (;;) {
    line.signal = wait_for_byte(terminal, signals);
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
      std::optional<ChangedTerminal> quiet;
      if (echo == Echo::off) quiet.emplace(TRY(ChangedTerminal::make(terminal.get(), TerminalMode::no_echo)));
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
