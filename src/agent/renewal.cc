#include "agent/renewal.h"

#include "base/child.h"
#include "base/launch.h"
#include "base/process.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
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
  return Renewal(std::move(watch), pid, base::open_pidfd(pid), now);
}

Renewal::Renewal(Renewal&& other) noexcept
    : watch_(std::move(other.watch_)),
      pid_(std::exchange(other.pid_, 0)),
      ended_(std::move(other.ended_)),
      started_(other.started_) {}

Renewal::~Renewal() {
  if (pid_ == 0) return;
  kill(-pid_, SIGKILL);
  base::wait_for_end(pid_);
}

std::optional<int> Renewal::code(base::Duration now) {
  if (now - started_ > kLongest) kill(-pid_, SIGKILL);
  const auto code = base::code_if_ended(pid_);
  if (code) pid_ = 0;
  return code;
}

}  // namespace agent
