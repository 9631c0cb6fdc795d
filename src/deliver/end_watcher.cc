#include "deliver/end_watcher.h"

#include "base/file.h"
#include "base/process.h"
#include "deliver/environment.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace deliver {
namespace {

constexpr const char* kOurselves = "/proc/self/exe";
constexpr int kReport = 4;
constexpr int kFirstFree = 10;  // above the numbers that the watcher's descriptors get
// What a person sends to the command's job is not for the watcher, nor may its writing stop it.
constexpr std::array kIgnored = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};

base::Descriptor open_terminal() {
  return base::Descriptor(open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
}

struct Launch {
  char* const* argv;
  char* const* environment;
  int terminal;
  int command;
  int report;
};

void take(int from, int to, int flags) {
  if (dup3(from, to, flags) < 0) _exit(1);
}

/// The watcher's half: only calls that are safe between fork and exec.
[[noreturn]] void become_watcher(const Launch& launch) {
  setpgid(0, 0);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  for (const int number : kIgnored) signal(number, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  take(launch.terminal, kWatcherTerminal, 0);
  take(launch.command, kWatcherCommand, 0);
  take(launch.report, kReport, O_CLOEXEC);
  close(0);
  close(2);
  close_range(kReport + 1, ~0U, 0);
  if (chdir("/") != 0) _exit(1);
  execve(kOurselves, launch.argv, launch.environment);
  const int code = errno;
  [[maybe_unused]] const auto told = write(kReport, &code, sizeof code);
  _exit(1);
}

base::Result<base::Descriptor> above(base::Descriptor low) {
  const int fd = low.valid() ? fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstFree) : -1;
  if (fd < 0) return base::fail(base::ErrorKind::failure, base::errno_text(errno));
  return base::Descriptor(fd);
}

/// Whether what loses its parent would become our child, and so the command's.
bool gets_orphans() {
  int reaper = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &reaper) == 0 && reaper != 0);
}

base::Result<void> start(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
  if (gets_orphans())
    return base::fail(base::ErrorKind::failure, "this process is init to others, and would be its parent");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return base::fail(base::ErrorKind::failure, base::errno_text(errno));
  const base::Descriptor read_end(ends[0]);
  base::Descriptor write_end = TRY(above(base::Descriptor(ends[1])));
  const base::Descriptor terminal = TRY(above(open_terminal()));
  const base::Descriptor command = TRY(above(base::Descriptor(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)))));
  const auto argv_pointers = base::exec_pointers(argv);
  const auto environment_pointers = base::exec_pointers(environment);
  const Launch launch{argv_pointers.data(), environment_pointers.data(), terminal.get(), command.get(),
                      write_end.get()};
  const pid_t between = fork();
  if (between < 0) return base::fail(base::ErrorKind::failure, base::errno_text(errno));
  if (between == 0) {
    const pid_t watcher = fork();
    if (watcher == 0) become_watcher(launch);
    _exit(watcher < 0 ? 1 : 0);
  }
  write_end = base::Descriptor();
  int status = 0;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) {
  }
  int code = 0;
  ssize_t got = 0;
  // The end of the pipe: the watcher is another program now, and nothing of our memory is left in it.
  while ((got = read(read_end.get(), &code, sizeof code)) < 0 && errno == EINTR) {
  }
  if (got > 0) return base::fail(base::ErrorKind::failure, base::errno_text(code));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return base::fail(base::ErrorKind::failure, "it did not start");
  return {};
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
  const std::vector<std::string> argv = {"kabuto", std::string(kWatcherWord), "--",
                                         profile,  base::iso8601(expires),    std::to_string(getpid())};
  if (auto started = start(argv, kept); !started)
    return std::unexpected(base::with_context(std::move(started).error(), "start the watcher of --warn"));
  return {};
}

}  // namespace deliver
