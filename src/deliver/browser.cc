#include "deliver/browser.h"

#include "base/launch.h"
#include "base/process.h"
#include "base/text.h"
#include "deliver/browser_window.h"
#include "deliver/environment.h"

#include <unistd.h>

#include <array>
#include <cstddef>
#include <vector>

namespace deliver {
namespace {

// How long a browser has to say that it cannot start; one that runs by then is running.
constexpr base::Duration kGrace{600};
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

bool is_wsl(const base::Environment& environment) {
  return environment.get_nonempty("WSL_DISTRO_NAME").has_value() || environment.get_nonempty("WSL_INTEROP").has_value();
}

std::string_view search_path(const base::Environment& environment) {
  return environment.get_nonempty("PATH").value_or(kDefaultPath);
}

/// $BROWSER is a list of commands ("firefox %s:w3m"): the first one's first word, and never a text for a shell.
std::string first_program(std::string_view commands) {
  commands = base::trim(commands.substr(0, commands.find(':')));
  return std::string(commands.substr(0, commands.find_first_of(" \t")));
}

/// The program's name and who named it.
struct Named {
  std::string program;
  std::string origin;
};

Named named_browser(const BrowserChoice& choice, const base::Environment& environment) {
  if (!choice.browser.empty()) return {choice.browser, ""};
  if (const auto own = environment.get_nonempty("KABUTO_BROWSER")) return {std::string(*own), "KABUTO_BROWSER"};
  if (const auto commands = environment.get_nonempty("BROWSER"))
    if (auto program = first_program(*commands); !program.empty()) return {std::move(program), "BROWSER"};
  return {is_wsl(environment) ? "wslview" : "xdg-open", ""};
}

base::Result<std::string> find_browser(const BrowserChoice& choice, const base::Environment& environment) {
  const Named named = named_browser(choice, environment);
  auto program = base::find_own_program(named.program, search_path(environment));
  if (program) return program;
  auto error = std::move(program).error();
  error.what = "no browser: " + (named.origin.empty() ? "" : named.origin + " names ") + error.what;
  if (error.hint.empty()) error.hint = "name one with KABUTO_BROWSER=firefox, or take the link to one yourself";
  return std::unexpected(std::move(error));
}

base::Result<void> start(const std::string& program, BrowserWords words, const base::Environment& environment) {
  const auto variables = scrubbed_variables(environment);
  std::vector<std::string> texts = {program};
  texts.insert(texts.end(), words.options.begin(), words.options.end());
  auto argv = base::exec_pointers(texts);
  const auto pointers = base::exec_pointers(variables);
  return words.link.edit([&](std::span<std::byte> link) {
    argv.insert(argv.end() - 1, reinterpret_cast<char*>(link.data()));
    return base::start_detached({argv.data(), pointers.data()}, kGrace);
  });
}

}  // namespace

bool has_browser(const base::Environment& environment) {
  if (environment.get_nonempty("KABUTO_BROWSER")) return true;
  const auto any = [&](auto... names) { return (environment.get_nonempty(names).has_value() || ...); };
  if (any("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")) return false;
  if (any("container") || access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0) return false;
  if (is_wsl(environment) && base::find_own_program("wslview", search_path(environment))) return true;
  return any("DISPLAY", "WAYLAND_DISPLAY");
}

base::Result<void> open_browser(const secret::Bytes& url, std::span<const std::string> more_hosts,
                                const BrowserChoice& choice, const base::Environment& environment) {
  TRY(url.reveal_text([&](std::string_view text) { return check_browser_url(text, more_hosts); }));
  const std::string program = TRY(find_browser(choice, environment));
  auto words = choice.container.empty() ? plain_words(url) : TRY(words_in_container(program, url, choice));
  return start(program, std::move(words), environment);
}

base::Result<void> open_browser(std::string_view url, std::span<const std::string> more_hosts,
                                const BrowserChoice& choice, const base::Environment& environment) {
  return open_browser(secret::Bytes::copy_of(url), more_hosts, choice, environment);
}

}  // namespace deliver
