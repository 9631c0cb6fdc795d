#include "cli/picker_screen.h"

#include "base/file.h"
#include "secret/terminal.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

namespace cli {
namespace {

// After an Escape: longer than a sequence's bytes stay apart over a slow line, shorter than a person notices.
constexpr base::Duration kSequenceTime{60};
constexpr std::string_view kPasteMarked = "\x1b[?2004h";
constexpr std::string_view kPasteUnmarked = "\x1b[?2004l";
constexpr std::string_view kClearToEnd = "\x1b[J";
// No cursor while lines are drawn, and none of them wrapped, whatever width the terminal gives their characters.
constexpr std::string_view kBeginDrawing = "\x1b[?25l\x1b[?7l\r";
constexpr std::string_view kEndDrawing = "\x1b[?7h\x1b[?25h";
constexpr std::string_view kReverse = "\x1b[7m";
constexpr std::string_view kPlain = "\x1b[m";

WindowSize window_size(int terminal) {
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

/// What is drawn, and gone again at the end. The cursor always rests in the first line: all that is below is ours.
class Drawing {
 public:
  explicit Drawing(int terminal) : terminal_(terminal) { show(kPasteMarked); }
  ~Drawing() { show(fmt::format("\r{}{}", kClearToEnd, kPasteUnmarked)); }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  void draw(const Picker::Frame& frame) {
    std::string out(kBeginDrawing);
    for (std::size_t i = 0; i < frame.lines.size(); ++i) {
      if (i > 0) out += "\r\n";
      const bool selected = frame.selected_line == i;
      if (selected) out += kReverse;
      out += frame.lines[i];
      if (selected) out += kPlain;
      out += "\x1b[K";
    }
    out += kClearToEnd;
    if (frame.lines.size() > 1) out += fmt::format("\x1b[{}A", frame.lines.size() - 1);
    out += '\r';
    if (frame.cursor_column > 0) out += fmt::format("\x1b[{}C", frame.cursor_column);
    show(out += kEndDrawing);
  }

  void clear() { show(fmt::format("\r{}", kClearToEnd)); }

 private:
  /// A terminal that cannot be written any more is found out by reading it.
  void show(std::string_view text) { (void)base::write_all(terminal_, std::as_bytes(std::span(text))); }
  int terminal_;
};

base::Result<std::vector<KeyPress>> read_keys(int terminal, KeyDecoder& decoder) {
  std::array<char, 1024> bytes;
  const ssize_t n = read(terminal, bytes.data(), bytes.size());
  if (n < 0 && errno == EINTR) return std::vector<KeyPress>{};
  if (n <= 0) return std::unexpected(secret::nobody_to_ask("the terminal was closed"));
  return decoder.feed({bytes.data(), static_cast<std::size_t>(n)});
}

/// Until the picker has an answer (0) or a signal came, which is to be raised once all is as it was.
base::Result<int> take_keys(Picker& picker, int terminal) {
  secret::WatchedSignals signals;
  const auto changed = TRY(secret::ChangedTerminal::make(terminal, secret::TerminalMode::keys));
  Drawing drawing(terminal);
  KeyDecoder decoder;
  picker.resize(window_size(terminal));
  drawing.draw(picker.frame());
  while (picker.state() == Picker::State::choosing) {
    const auto woken =
        signals.wait(terminal, decoder.undecided() ? std::optional(kSequenceTime) : std::optional<base::Duration>());
    if (woken.signal != 0) return woken.signal;
    if (woken.resized) {
      // Lines that the terminal has folded are all below the cursor.
      drawing.clear();
      picker.resize(window_size(terminal));
    } else {
      const auto presses = woken.readable ? TRY(read_keys(terminal, decoder)) : decoder.time_over();
      for (const auto& press : presses)
        if (picker.state() == Picker::State::choosing) picker.press(press);
    }
    drawing.draw(picker.frame());
  }
  return 0;
}

}  // namespace

base::Result<std::size_t> run_picker(Picker& picker, const std::string& path) {
  for (;;) {
    // Opened anew each time: after a stop we may have come back in the background.
    const base::Descriptor terminal = TRY(secret::open_terminal(path));
    int signal = TRY(take_keys(picker, terminal.get()));
    if (signal == 0 && picker.state() == Picker::State::chosen) return *picker.selected();
    // Escape is an interrupt by another key: a shell sees the same end.
    if (signal == 0) signal = SIGINT;
    raise(signal);
    if (signal != SIGTSTP) return base::fail(base::ErrorKind::failure, "no profile was chosen");
  }
}

}  // namespace cli
