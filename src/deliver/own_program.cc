#include "deliver/own_program.h"

#include "base/child.h"
#include "base/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace deliver {
namespace {

using base::Descriptor;
using base::ErrorKind;

constexpr const char* kOurselves = "/proc/self/exe";
constexpr int kReport = kFirstFreeDescriptor - 1;

std::unexpected<base::Error> failed(int code) { return base::fail(ErrorKind::failure, base::errno_text(code)); }

base::Result<Descriptor> above(int low) {
  const int fd = fcntl(low, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  if (fd < 0) return failed(errno);
  return Descriptor(fd);
}

/// All that the new process needs, made before the fork: after it nothing may be allocated.
struct Prepared {
  const OwnProgram& program;
  std::vector<Descriptor> kept;         // what `moves` names
  std::vector<HandedDescriptor> moves;  // from numbers that no move overwrites
  std::vector<int> locks;
  std::vector<bool> is_taken = std::vector<bool>(kFirstFreeDescriptor);
  std::vector<char*> argv;
  int report = -1;

  explicit Prepared(const OwnProgram& the_program)
      : program(the_program), argv(base::exec_pointers(the_program.argv)) {}

  base::Result<void> hand(int from, int to) {
    kept.push_back(TRY(above(from)));
    moves.push_back({kept.back().get(), to});
    is_taken[static_cast<std::size_t>(to)] = true;
    return {};
  }
  base::Result<void> keep_lock(int fd) {
    if (fd < kFirstFreeDescriptor) {
      kept.push_back(TRY(above(fd)));
      fd = kept.back().get();
    }
    locks.push_back(fd);
    return {};
  }
};

base::Result<Prepared> prepared(const OwnProgram& program) {
  Prepared out(program);
  for (const auto& each : program.descriptors) TRY(out.hand(each.from, each.to));
  for (const int fd : program.locks) TRY(out.keep_lock(fd));
  return out;
}

/// The new process's half: only calls that are safe between fork and exec. Returns the errno of the failure.
int become(const Prepared& prepared) {
  const OwnProgram& program = prepared.program;
  if (program.apart == Apart::own_session) setsid();
  if (program.apart == Apart::own_group) setpgid(0, 0);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  for (const int number : program.ignored) signal(number, SIG_IGN);
  sigset_t held;
  sigemptyset(&held);
  for (const int number : program.held) sigaddset(&held, number);
  sigprocmask(SIG_SETMASK, &held, nullptr);
  for (const auto& move : prepared.moves)
    if (dup3(move.from, move.to, 0) < 0) return errno;
  if (prepared.report >= 0 && dup3(prepared.report, kReport, O_CLOEXEC) < 0) return errno;
  for (int fd = 0; fd < kReport; ++fd)
    if (!prepared.is_taken[static_cast<std::size_t>(fd)]) close(fd);
  close_range(kFirstFreeDescriptor, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const int fd : prepared.locks)
    if (fcntl(fd, F_SETFD, 0) != 0) return errno;
  if (program.leaves_directory && chdir("/") != 0) return errno;
  execve(kOurselves, prepared.argv.data(), program.environment.data());
  return errno;
}

[[noreturn]] void become_or_report(const Prepared& prepared) {
  const int code = become(prepared);
  [[maybe_unused]] const auto told = write(kReport, &code, sizeof code);
  _exit(1);
}

/// Waits until the new process runs our program. The end of the pipe says so: nothing of our memory is left in it then.
std::optional<int> reported(const Descriptor& read_end) {
  int code = 0;
  ssize_t got = 0;
  while ((got = read(read_end.get(), &code, sizeof code)) < 0 && errno == EINTR) {
  }
  return got > 0 ? std::optional(code) : std::nullopt;
}

struct Report {
  Descriptor read_end, write_end;
};

base::Result<Report> open_report() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed(errno);
  const Descriptor low_read(ends[0]), low_write(ends[1]);
  Report out;
  out.read_end = TRY(above(low_read.get()));
  out.write_end = TRY(above(low_write.get()));
  return out;
}

}  // namespace

std::vector<char*> environment_pointers(const base::Environment& environment) {
  std::vector<char*> out;
  for (const auto entry : environment.entries()) out.push_back(const_cast<char*>(entry.data()));
  out.push_back(nullptr);
  return out;
}

bool gets_orphans() {
  int reaper = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &reaper) == 0 && reaper != 0);
}

base::Result<void> start_beside(const OwnProgram& program) {
  Prepared ready = TRY(prepared(program));
  Report report = TRY(open_report());
  ready.report = report.write_end.get();
  const pid_t between = fork();
  if (between < 0) return failed(errno);
  if (between == 0) {
    const pid_t started = fork();
    if (started == 0) become_or_report(ready);
    _exit(started < 0 ? 1 : 0);
  }
  report.write_end = Descriptor();
  const int code_between = base::wait_for_end(between);
  if (const auto code = reported(report.read_end)) return failed(*code);
  if (code_between != 0) return base::fail(ErrorKind::failure, "it did not start");
  return {};
}

base::Result<pid_t> start_child(const OwnProgram& program) {
  Prepared ready = TRY(prepared(program));
  Report report = TRY(open_report());
  ready.report = report.write_end.get();
  const pid_t child = fork();
  if (child < 0) return failed(errno);
  if (child == 0) become_or_report(ready);
  report.write_end = Descriptor();
  if (const auto code = reported(report.read_end)) {
    base::wait_for_end(child);
    return failed(*code);
  }
  return child;
}

base::Error become_own_program(const OwnProgram& program) {
  auto ready = prepared(program);
  if (!ready) return ready.error();
  return failed(become(*ready)).error();
}

}  // namespace deliver
