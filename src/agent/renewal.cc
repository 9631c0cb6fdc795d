#include "agent/renewal.h"

#include "base/launch.h"
#include "base/process.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace agent {
namespace {

constexpr char kOurselves[] = "/proc/self/exe";
// Longer than a chain with all its retries.
constexpr base::Duration kLongest = std::chrono::minutes{2};

}  // namespace

base::Result<Renewal> Renewal::start(Watch watch, const base::Environment& environment, base::Duration now) {
  std::vector<std::string> argv{kOurselves};
  for (auto& word : watch.words()) argv.push_back(std::move(word));
  std::vector<std::string> entries;
  entries.reserve(watch.environment.size());
  for (const auto& [name, value] : watch.environment) entries.push_back(name + "=" + value);
  for (const auto entry : environment.entries()) entries.emplace_back(entry);
  const auto argv_pointers = base::exec_pointers(argv);
  const auto entry_pointers = base::exec_pointers(entries);
  const pid_t pid = TRY(base::start({argv_pointers.data(), entry_pointers.data()}));
  base::Descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  return Renewal(std::move(watch), pid, std::move(ended), now);
}

Renewal::Renewal(Renewal&& other) noexcept
    : watch_(std::move(other.watch_)),
      pid_(std::exchange(other.pid_, 0)),
      ended_(std::move(other.ended_)),
      started_(other.started_) {}

Renewal::~Renewal() {
  if (pid_ == 0) return;
  kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> Renewal::code(base::Duration now) {
  if (now - started_ > kLongest) kill(-pid_, SIGKILL);
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace agent
