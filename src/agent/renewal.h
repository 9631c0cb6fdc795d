// One renewal ahead of time: our own program started anew to get a session that somebody uses, before it ends. It has
// no terminal, so it asks nobody, and what it fetches it leaves in the cache. Only the agent's timer starts one.
#pragma once

#include "agent/watch_list.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/result.h"

#include <sys/types.h>

#include <optional>

namespace agent {

class Renewal {
 public:
  /// Starts `kabuto process …`, in the agent's own environment with the watch's variables in it.
  static base::Result<Renewal> start(Watch watch, const base::Environment& environment, base::Duration now);
  Renewal(Renewal&& other) noexcept;
  Renewal& operator=(Renewal&&) = delete;
  ~Renewal();  // ends it, where it has not ended

  /// Readable when it has ended.
  int fd() const { return ended_.get(); }
  pid_t pid() const { return pid_; }
  const Watch& watch() const { return watch_; }
  /// Its exit code, 128 + signal; nullopt while it runs. One that takes too long is killed first.
  std::optional<int> code(base::Duration now);

 private:
  Renewal(Watch watch, pid_t pid, base::Descriptor ended, base::Duration started)
      : watch_(std::move(watch)), pid_(pid), ended_(std::move(ended)), started_(started) {}
  Watch watch_;
  pid_t pid_;  // 0: ended
  base::Descriptor ended_;
  base::Duration started_;
};

}  // namespace agent
