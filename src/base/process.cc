#include "base/process.h"

#include "base/child.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace base {
namespace {

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::failure, "make a pipe: " + errno_text(errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// The child's half: only calls that are safe between fork and exec.
[[noreturn]] void become(const char* program, char* const* argv, char* const* environment, int out, int err) {
  setpgid(0, 0);
  const int null = open("/dev/null", O_RDONLY);
  if (null >= 0) dup2(null, 0);
  dup2(out, 1);
  dup2(err, 2);
  close_range(3, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int s = 1; s < NSIG; ++s) signal(s, SIG_DFL);
  execve(program, argv, environment);
  _exit(errno == ENOENT ? 127 : 126);
}

}  // namespace

std::vector<char*> exec_pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

Result<std::string> find_program(const std::string& name, std::string_view path) {
  const auto runnable = [](const std::string& file) {
    struct stat facts{};
    return stat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) {
    struct stat facts{};
    if (stat(name.c_str(), &facts) != 0) return fail(ErrorKind::not_found, name + ": " + errno_text(errno));
    if (!runnable(name)) return fail(ErrorKind::refused, name + ": not executable");
    return name;
  }
  for (const auto entry : split(path, ':')) {
    if (!entry.starts_with('/')) continue;
    std::string candidate = std::string(entry) + "/" + name;
    if (runnable(candidate)) return candidate;
  }
  return fail(ErrorKind::not_found, name + ": command not found");
}

Result<RunOutcome> run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                       OutputSink& sink, Clock& clock, RunLimits limits) {
  std::string_view path = "/usr/local/bin:/usr/bin:/bin";
  for (const auto& entry : environment)
    if (entry.starts_with("PATH=")) path = std::string_view(entry).substr(5);
  if (argv.empty() || argv[0].empty()) return fail(ErrorKind::usage, "no command to run");
  const std::string program = TRY(find_program(argv[0], path));
  Pipe out = TRY(make_pipe());
  Pipe err = TRY(make_pipe());
  const auto argv_pointers = exec_pointers(argv);
  const auto environment_pointers = exec_pointers(environment);

  const pid_t child = fork();
  if (child < 0) return fail(ErrorKind::failure, "start " + program + ": " + errno_text(errno));
  if (child == 0)
    become(program.c_str(), argv_pointers.data(), environment_pointers.data(), out.write_end.get(),
           err.write_end.get());
  setpgid(child, child);
  out.write_end = Descriptor();
  err.write_end = Descriptor();

  const auto give_up = [&](ErrorKind kind, const std::string& why) {
    kill(-child, SIGKILL);
    wait_for_end(child);
    return fail(kind, program + ": " + why);
  };
  const Duration deadline = clock.monotonic() + limits.time;
  RunOutcome outcome;
  std::array<char, 4096> scratch{};
  while (out.read_end.valid() || err.read_end.valid()) {
    const auto left = deadline - clock.monotonic();
    if (left.count() <= 0) return give_up(ErrorKind::failure, "no answer within " + human_duration(limits.time));
    std::array<pollfd, 2> waits = {pollfd{out.read_end.get(), POLLIN, 0}, pollfd{err.read_end.get(), POLLIN, 0}};
    if (poll(waits.data(), waits.size(), static_cast<int>(std::min<long long>(left.count(), 60'000))) < 0) {
      if (errno == EINTR) continue;
      return give_up(ErrorKind::failure, errno_text(errno));
    }
    if (waits[0].revents != 0) {
      const auto room = sink.room();
      if (room.empty()) return give_up(ErrorKind::refused, "its output is too large");
      const ssize_t n = read(out.read_end.get(), room.data(), room.size());
      if (n > 0) sink.filled(static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) out.read_end = Descriptor();
    }
    if (waits[1].revents != 0) {
      const ssize_t n = read(err.read_end.get(), scratch.data(), scratch.size());
      if (n > 0) {
        const auto keep = std::min(static_cast<std::size_t>(n), limits.error_bytes - outcome.error_text.size());
        outcome.error_text.append(scratch.data(), keep);
      }
      if (n == 0 || (n < 0 && errno != EINTR)) err.read_end = Descriptor();
    }
  }
  // The pipes are closed, but the child may live on.
  const Descriptor ended = open_pidfd(child);
  for (;;) {
    const auto left = deadline - clock.monotonic();
    if (left.count() <= 0) return give_up(ErrorKind::failure, "no end within " + human_duration(limits.time));
    pollfd wait{ended.get(), POLLIN, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min<long long>(left.count(), 60'000)));
    if (ready > 0) break;
    if (ready < 0 && errno != EINTR) return give_up(ErrorKind::failure, errno_text(errno));
  }
  outcome.status = wait_for_end(child);
  return outcome;
}

std::string parent_name() {
  constexpr std::size_t kLongestName = 64;
  const auto name = read_file("/proc/" + std::to_string(getppid()) + "/comm", kLongestName);
  return name && *name ? std::string(trim_lines(**name)) : std::string();
}

}  // namespace base
