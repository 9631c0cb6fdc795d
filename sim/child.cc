// fork and exec, with shell-like codes for what cannot be started.
#include "child.h"

#include "base/file.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace sim {
namespace {

constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kBySignal = 128;

std::vector<char*> pointers_of(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void become(const std::vector<char*>& argv, const std::vector<char*>& environment) {
  ::execvpe(argv[0], argv.data(), environment.data());
  const int code = errno;
  const std::string text = std::string("kabuto-sim: error: ") + argv[0] + ": " + base::errno_text(code) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(code == ENOENT ? kNotFound : kNotExecutable);
}

}  // namespace

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2}) sigaddset(&signals, number);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

base::Result<Child> Child::start(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                                 const sigset_t& blocked) {
  const std::vector<char*> argv = pointers_of(command);
  const std::vector<char*> variables = pointers_of(environment);
  const pid_t pid = ::fork();
  if (pid < 0) return base::fail(base::ErrorKind::failure, "fork: " + base::errno_text(errno));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a simulator killed outright takes its command along
    ::signal(SIGPIPE, SIG_DFL);
    ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
    become(argv, variables);
  }
  return Child(pid);
}

std::optional<int> Child::ended() const {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  return WIFSIGNALED(status) ? kBySignal + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace sim
