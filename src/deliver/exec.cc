#include "deliver/exec.h"

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace deliver {
namespace {

constexpr std::string_view kDefaultPath = "/bin:/usr/bin";  // what execvp searches without PATH
constexpr const char* kShell = "/bin/sh";
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr long kMostDescriptors = 65'536;  // closed one by one, where the kernel cannot close a range

void mark_descriptors_to_close() {
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  const long most = std::min(sysconf(_SC_OPEN_MAX), kMostDescriptors);
  for (int fd = 3; fd < most; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Returns the errno of the failure. A script without `#!` goes to the shell, as execvp and every shell do.
int try_exec(const std::string& file, const std::vector<std::string>& argv, char* const* environment) {
  execve(file.c_str(), base::exec_pointers(argv).data(), environment);
  if (errno != ENOEXEC) return errno;
  std::vector<std::string> script = {kShell, file};
  script.insert(script.end(), argv.begin() + 1, argv.end());
  execve(kShell, base::exec_pointers(script).data(), environment);
  return errno;
}

bool goes_on_after(int code) { return code == ENOENT || code == ENOTDIR || code == EACCES || code == ENAMETOOLONG; }

ExecFailure failure(const std::string& name, int code) {
  const std::string shown = base::printable(name.empty() ? "''" : name);
  if (code == ENOENT || code == ENOTDIR)
    return {kNotFound, {base::ErrorKind::not_found, "run " + shown + ": " + base::errno_text(code), {}}};
  return {kNotExecutable, {base::ErrorKind::failure, "run " + shown + ": " + base::errno_text(code), {}}};
}

}  // namespace

ExecFailure exec(const std::vector<std::string>& argv, const EnvironmentBlock& environment) {
  if (argv.empty() || argv[0].empty()) return failure("", ENOENT);
  mark_descriptors_to_close();
  reset_signals();
  const auto give_up = [&](int code) {
    // The message that follows must not end us by SIGPIPE, with another exit code.
    signal(SIGPIPE, SIG_IGN);
    return failure(argv[0], code);
  };
  if (argv[0].find('/') != std::string::npos) return give_up(try_exec(argv[0], argv, environment.pointers()));
  const std::string_view path = environment.search_path() ? std::string_view(*environment.search_path()) : kDefaultPath;
  int worst = ENOENT;
  for (const auto directory : base::split(path, ':')) {
    if (directory.empty()) continue;
    const int code = try_exec(std::string(directory) + "/" + argv[0], argv, environment.pointers());
    if (!goes_on_after(code)) return give_up(code);
    // A file that is there but may not run is a better answer than "not found".
    if (code == EACCES) worst = EACCES;
  }
  return give_up(worst);
}

std::string user_shell(const base::Environment& environment) {
  const auto usable = [](std::string_view path) {
    return path.starts_with('/') && access(std::string(path).c_str(), X_OK) == 0;
  };
  if (const auto shell = environment.get_nonempty("SHELL"); shell && usable(*shell)) return std::string(*shell);
  const passwd* const account = getpwuid(getuid());
  if (account != nullptr && account->pw_shell != nullptr && usable(account->pw_shell)) return account->pw_shell;
  return kShell;
}

}  // namespace deliver
