#include "cli/screen.h"

#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <span>

namespace cli {
namespace {

void write_text(int descriptor, std::string_view text) {
  // Nobody is left to tell when the terminal itself fails.
  (void)base::write_all(descriptor, std::as_bytes(std::span(text)));
}

/// The terminal of this process, where it is in its foreground: not valid otherwise.
base::Descriptor own_terminal() {
  base::Descriptor terminal(open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid() || tcgetpgrp(terminal.get()) != getpgrp()) return base::Descriptor();
  return terminal;
}

bool is_shown_by_standard_error() { return isatty(STDERR_FILENO) != 0; }

std::optional<ScreenSize> size_of(int terminal) {
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return std::nullopt;
  return ScreenSize{size.ws_col, size.ws_row};
}

}  // namespace

bool StandardScreen::has_person() { return is_shown_by_standard_error() || own_terminal().valid(); }

std::optional<ScreenSize> StandardScreen::size() {
  if (is_shown_by_standard_error()) return size_of(STDERR_FILENO);
  const auto terminal = own_terminal();
  return terminal.valid() ? size_of(terminal.get()) : std::nullopt;
}

void StandardScreen::show(std::string_view text) {
  write_text(STDERR_FILENO, text);
  if (is_shown_by_standard_error()) return;
  if (const auto terminal = own_terminal(); terminal.valid()) write_text(terminal.get(), text);
}

void StandardScreen::draw(std::string_view text) {
  if (is_shown_by_standard_error()) {
    write_text(STDERR_FILENO, text);
  } else if (const auto terminal = own_terminal(); terminal.valid()) {
    write_text(terminal.get(), text);
  }
}

bool shows_utf8(const base::Environment& environment) {
  const auto term = environment.get_nonempty("TERM");
  if (!term || *term == "dumb") return false;
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (const auto value = environment.get_nonempty(name)) {
      const auto lower = base::lower_ascii(*value);
      return lower.ends_with("utf-8") || lower.ends_with("utf8");
    }
  }
  return false;
}

}  // namespace cli
