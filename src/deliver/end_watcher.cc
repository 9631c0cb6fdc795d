#include "deliver/end_watcher.h"

#include "base/child.h"
#include "base/file.h"
#include "base/process.h"
#include "deliver/environment.h"
#include "deliver/own_program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace deliver {
namespace {

base::Descriptor open_terminal() {
  return base::Descriptor(open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
}

base::Result<void> start(std::vector<std::string> argv, const std::vector<std::string>& environment) {
  if (gets_orphans())
    return base::fail(base::ErrorKind::failure, "this process is init to others, and would be its parent");
  const base::Descriptor terminal = open_terminal();
  const base::Descriptor command = base::open_pidfd(getpid());
  return start_beside({.argv = std::move(argv),
                       .environment = base::exec_pointers(environment),
                       .descriptors = {{terminal.get(), kWatcherTerminal}, {command.get(), kWatcherCommand}},
                       .apart = Apart::own_group,
                       // What a person sends to the command's job is not for the watcher, nor may its writing stop it.
                       .ignored = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE},
                       .held = {},
                       .leaves_directory = true});
}

}  // namespace

bool has_terminal_to_warn_on() {
  return (isatty(0) != 0 || isatty(1) != 0 || isatty(2) != 0) && open_terminal().valid();
}

base::Result<void> start_end_watcher(const std::string& profile, base::Instant expires,
                                     const base::Environment& environment) {
  std::vector<std::string> kept;
  for (const auto entry : environment.entries())
    if (!is_scrubbed(entry.substr(0, entry.find('=')))) kept.emplace_back(entry);
  std::vector<std::string> argv = {"kabuto", std::string(kWatcherWord), "--",
                                   profile,  base::iso8601(expires),    std::to_string(getpid())};
  if (auto started = start(std::move(argv), kept); !started)
    return std::unexpected(base::with_context(std::move(started).error(), "start the watcher of --warn"));
  return {};
}

}  // namespace deliver
