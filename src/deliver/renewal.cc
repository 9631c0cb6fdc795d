#include "deliver/renewal.h"

#include "base/child.h"
#include "deliver/handover.h"
#include "deliver/own_program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace deliver {

Renewal::Renewal(pid_t child, base::Descriptor pidfd, base::Descriptor answer)
    : child_(child), pidfd_(std::move(pidfd)), answer_(std::move(answer)) {}

Renewal::Renewal(Renewal&& other) noexcept
    : child_(std::exchange(other.child_, 0)), pidfd_(std::move(other.pidfd_)), answer_(std::move(other.answer_)) {}

Renewal& Renewal::operator=(Renewal&& other) noexcept {
  std::swap(child_, other.child_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(answer_, other.answer_);
  return *this;
}

Renewal::~Renewal() {
  kill();
  reap();
}

base::Result<Renewal> Renewal::start(const std::vector<std::string>& words, const base::Environment& environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return base::fail(base::ErrorKind::failure, "make a pipe: " + base::errno_text(errno));
  base::Descriptor read_end(ends[0]);
  const base::Descriptor write_end(ends[1]);
  OwnProgram program;
  program.argv = words;
  program.environment = environment_pointers(environment);
  program.descriptors = {{write_end.get(), 1}};
  const pid_t child = TRY(start_child(program));
  Renewal out(child, base::open_pidfd(child), std::move(read_end));
  if (!out.pidfd_.valid()) return base::fail(base::ErrorKind::failure, "open a pidfd: " + base::errno_text(errno));
  return out;
}

void Renewal::kill() {
  if (child_ > 0) ::kill(child_, SIGKILL);
}

void Renewal::reap() {
  if (child_ > 0) base::wait_for_end(std::exchange(child_, 0));
}

base::Result<Lease> Renewal::outcome() {
  reap();
  // It is over and was the only writer: all it had to say, which fits in a pipe, is there.
  auto bytes = read_pipe(answer_.get());
  if (!bytes) return std::unexpected(std::move(bytes).error());
  if (bytes->empty()) return base::fail(base::ErrorKind::failure, "the renewal ended without an answer");
  return unpacked_lease(*bytes);
}

}  // namespace deliver
