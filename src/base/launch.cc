#include "base/launch.h"

#include "base/child.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

namespace base {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

bool own(const struct stat& facts) { return facts.st_uid == geteuid() || facts.st_uid == 0; }

/// Whether nobody else can change what an absolute path without links leads to.
bool only_we_can_change(std::string path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0 || !own(facts) || (facts.st_mode & kOthersWrite) != 0) return false;
  for (bool first = true; path != "/"; first = false) {
    const auto slash = path.rfind('/');
    path.resize(std::max<std::size_t>(slash, 1));
    if (stat(path.c_str(), &facts) != 0 || !own(facts)) return false;
    // Above the file's own directory, a sticky one (/tmp) keeps others from replacing ours.
    const bool sticky = !first && (facts.st_mode & S_ISVTX) != 0;
    if ((facts.st_mode & kOthersWrite) != 0 && !sticky) return false;
  }
  return true;
}

bool is_safe(const std::string& program) {
  const auto real_of = [](const std::string& path) {
    const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
    return real == nullptr ? std::string() : std::string(real.get());
  };
  const std::string real = real_of(program);
  const std::string directory = real_of(program.substr(0, program.rfind('/') + 1));
  return !real.empty() && !directory.empty() && only_we_can_change(real) && only_we_can_change(directory);
}

/// The child's half: only calls that are safe between fork and exec.
[[noreturn]] void become(const Launch& launch, int input) {
  setsid();
  const int null = open("/dev/null", O_RDWR);
  if (null < 0 || dup2(input >= 0 ? input : null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
    _exit(kNotExecutable);
  close_range(3, ~0U, 0);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(launch.argv[0], launch.argv, launch.environment);
  _exit(errno == ENOENT ? kNotFound : kNotExecutable);
}

Result<void> judge(const Launch& launch, int status) {
  if (status == 0) return {};
  const std::string program = printable(launch.argv[0], 200);
  if (status == kNotFound || status == kNotExecutable)
    return fail(ErrorKind::failure, program + " cannot be started (" + std::to_string(status) + ")");
  return fail(ErrorKind::failure, program + " ended at once with " + std::to_string(status));
}

}  // namespace

Result<std::string> find_own_program(const std::string& name, std::string_view path) {
  const auto unsafe = [](const std::string& file) {
    return fail(ErrorKind::refused, printable(file, 200) + " is not run: others can write it or a directory above it");
  };
  if (name.find('/') != std::string::npos) {
    if (!name.starts_with('/'))
      return fail(ErrorKind::refused, printable(name, 200) + " is not run: it is named by a relative path",
                  "write its absolute path");
    std::string program = TRY(find_program(name, path));
    if (!is_safe(program)) return unsafe(program);
    return program;
  }
  std::string seen;
  for (const auto entry : split(path, ':')) {
    auto candidate = find_program(name, entry);
    if (!candidate) continue;
    if (is_safe(*candidate)) return candidate;
    if (seen.empty()) seen = *candidate;
  }
  if (!seen.empty()) return unsafe(seen);
  return fail(ErrorKind::not_found, printable(name, 200) + ": command not found");
}

Result<pid_t> start(const Launch& launch) {
  const pid_t child = fork();
  if (child < 0) return fail(ErrorKind::failure, "start a program: " + errno_text(errno));
  if (child == 0) become(launch, -1);
  return child;
}

Result<void> start_detached(const Launch& launch, Duration grace) {
  const pid_t between = fork();
  if (between < 0) return fail(ErrorKind::failure, "start a program: " + errno_text(errno));
  if (between == 0) {
    const pid_t child = fork();
    if (child < 0) _exit(kNotExecutable);
    if (child == 0) become(launch, -1);
    // Whoever outlives this process is the child of init and not of what we may become.
    const Descriptor end = open_pidfd(child);
    pollfd wait{end.get(), POLLIN, 0};
    const bool ended = poll(&wait, 1, static_cast<int>(grace.count())) > 0;
    _exit(ended ? wait_for_end(child) : 0);
  }
  return judge(launch, wait_for_end(between));
}

Result<void> feed(const Launch& launch, std::span<const std::byte> input, Clock& clock, Duration time) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::failure, "make a pipe: " + errno_text(errno));
  Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t child = fork();
  if (child < 0) return fail(ErrorKind::failure, "start a program: " + errno_text(errno));
  if (child == 0) become(launch, read_end.get());
  read_end = Descriptor();
  const Duration deadline = clock.monotonic() + time;
  const auto give_up = [&](const std::string& why) {
    kill(child, SIGKILL);
    wait_for_end(child);
    return fail(ErrorKind::failure, printable(launch.argv[0], 200) + ": " + why);
  };
  fcntl(write_end.get(), F_SETFL, O_NONBLOCK);
  const Descriptor ended = open_pidfd(child);
  for (;;) {
    const auto left = deadline - clock.monotonic();
    if (left.count() <= 0) return give_up("no end within " + human_duration(time));
    pollfd waits[2] = {{write_end.get(), POLLOUT, 0}, {ended.get(), POLLIN, 0}};
    if (poll(waits, 2, static_cast<int>(std::min<long long>(left.count(), 60'000))) < 0) {
      if (errno == EINTR) continue;
      return give_up(errno_text(errno));
    }
    if (waits[0].revents != 0) {
      const ssize_t n = write(write_end.get(), input.data(), input.size());
      if (n > 0) input = input.subspan(static_cast<std::size_t>(n));
      const bool gone = n < 0 && errno != EINTR && errno != EAGAIN;
      if (input.empty() || gone) write_end = Descriptor();
      if (gone) input = {};
    } else if (waits[1].revents != 0) {
      break;
    }
  }
  return judge(launch, wait_for_end(child));
}

}  // namespace base
