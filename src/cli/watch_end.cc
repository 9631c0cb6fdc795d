// The watcher that `kabuto exec --warn` leaves beside its command (deliver/end_watcher.h): waits for the times at which
// something is to be said, and for the command's end. It is told a name, a time and a process, and asks for nothing.
#include "base/clock_changes.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/end_warnings.h"
#include "deliver/end_watcher.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace cli {
namespace {

// The wall clock is looked at this often even where the kernel tells of no change of it.
constexpr base::Duration kLongestWait = std::chrono::minutes{1};

struct Options {
  std::string profile;
  std::string expires;
  std::string command;
};

/// Whether the command still belongs to the terminal that it was started on, and the terminal to somebody.
bool is_commands_terminal(pid_t command) {
  const pid_t session = tcgetsid(deliver::kWatcherTerminal);
  return session > 0 && getsid(command) == session;
}

enum class Written { yes, later };

/// A line of its own, also where a program has the terminal in raw mode.
Written show(const std::string& line, pid_t command) {
  if (!is_commands_terminal(command)) return Written::yes;
  const std::string text = "\r\n" + line + "\r\n";
  const ssize_t n = write(deliver::kWatcherTerminal, text.data(), text.size());
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? Written::later : Written::yes;
}

base::Result<int> watch(const Options& options, base::Clock& clock) {
  const auto expires = base::parse_iso8601(options.expires);
  const auto command = base::parse_integer(options.command);
  if (!expires || !command || *command <= 0)
    return base::fail(base::ErrorKind::usage, "this command is not for people", "run kabuto exec --warn");
  const auto changes = base::clock_changes();
  EndWarnings warnings(*expires);
  std::string pending;  // what the terminal, stopped by ^S, has not taken yet
  for (;;) {
    const auto step = warnings.at(clock.now());
    if (step.say) pending = end_warning(options.profile, *step.say);
    if (!pending.empty() && show(pending, static_cast<pid_t>(*command)) == Written::yes) pending.clear();
    if (step.over && pending.empty()) return 0;
    const auto wait = step.over ? kLongestWait : std::min(step.next, kLongestWait);
    std::array<pollfd, 3> waits = {pollfd{deliver::kWatcherCommand, POLLIN, 0}, pollfd{changes.get(), POLLIN, 0},
                                   pollfd{pending.empty() ? -1 : deliver::kWatcherTerminal, POLLOUT, 0}};
    if (poll(waits.data(), waits.size(), static_cast<int>(wait.count()) + 1) < 0 && errno != EINTR) return 0;
    if (waits[0].revents != 0) return 0;  // the command has ended
    std::uint64_t expirations = 0;
    if (waits[1].revents != 0) [[maybe_unused]]
      const auto canceled = read(changes.get(), &expirations, sizeof expirations);
  }
}

}  // namespace

Action declare_watch_end(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("PROFILE", options->profile, Presence::required, "whose credentials end");
  arguments.positional("EXPIRES", options->expires, Presence::required, "when");
  arguments.positional("PID", options->command, Presence::required, "the command that has them");
  return [options](Context& context) { return watch(*options, context.clock()); };
}

}  // namespace cli
