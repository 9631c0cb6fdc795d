#include "deliver/clipboard.h"

#include "base/file.h"
#include "base/launch.h"
#include "base/process.h"
#include "deliver/environment.h"
#include "deliver/quoting.h"
#include "deliver/write_out.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace deliver {
namespace {

using base::ErrorKind;

constexpr base::Duration kMostTime{5'000};
constexpr std::size_t kMostSequence = std::size_t{128} * 1024;
// Windows' own, by its one place: the modes that WSL shows for it say nothing about who may write it.
constexpr const char* kWindowsClip = "/mnt/c/Windows/System32/clip.exe";

struct Program {
  std::string name;
  std::vector<std::string> argv;
};

std::vector<Program> programs_for(const base::Environment& environment) {
  const std::string_view path = environment.get_nonempty("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  std::vector<Program> out;
  const auto add = [&](std::vector<std::string> words) {
    const std::string name = words[0];
    const auto program = base::find_own_program(name, path);
    if (!program) return;
    words[0] = *program;
    out.push_back({name, std::move(words)});
  };
  if (environment.get_nonempty("WSL_DISTRO_NAME") && access(kWindowsClip, X_OK) == 0)
    out.push_back({"clip.exe", {kWindowsClip}});
  if (environment.get_nonempty("WAYLAND_DISPLAY")) add({"wl-copy"});
  if (environment.get_nonempty("DISPLAY")) {
    add({"xclip", "-selection", "clipboard"});
    add({"xsel", "--clipboard", "--input"});
  }
  return out;
}

base::Result<void> give_to(const Program& program, const secret::Bytes& text, const base::Environment& environment,
                           base::Clock& clock) {
  const auto variables = scrubbed_variables(environment);
  const auto argv = base::exec_pointers(program.argv);
  const auto pointers = base::exec_pointers(variables);
  return text.reveal([&](std::span<const std::byte> bytes) {
    return base::feed({argv.data(), pointers.data()}, bytes, clock, kMostTime);
  });
}

base::Result<void> ask_terminal(const secret::Bytes& text) {
  const base::Descriptor terminal(open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid())
    return base::fail(ErrorKind::not_found, "no clipboard: neither wl-copy, xclip, xsel nor a terminal is there",
                      "use --print");
  return write_out(terminal.get(), clipboard_sequence(text));
}

}  // namespace

secret::Bytes clipboard_sequence(const secret::Bytes& text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  secret::Buffer out(kMostSequence);
  append_text(out, "\x1b]52;c;");
  text.reveal([&](std::span<const std::byte> bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      std::uint32_t three = 0;
      for (std::size_t k = i; k < i + 3; ++k)
        three = three << 8 | (k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[k]) : 0);
      for (std::size_t k = 0; k < 4; ++k)
        append_text(out, i + k > bytes.size() ? "=" : kDigits.substr(three >> (18 - 6 * k) & 63, 1));
    }
  });
  append_text(out, "\a");
  return std::move(out).take();
}

base::Result<std::string> copy_to_clipboard(const secret::Bytes& text, const base::Environment& environment,
                                            base::Clock& clock) {
  for (const auto& program : programs_for(environment))
    if (give_to(program, text, environment, clock)) return program.name;
  TRY(ask_terminal(text));
  return std::string("the terminal");
}

}  // namespace deliver
