// One fetching for an endpoint: our own program anew, in a session without a terminal, so that it can ask nobody, and
// with an address space of its own, so that neither libcurl nor a long-term key ever enters the endpoint's.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/result.h"
#include "deliver/lease.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace deliver {

/// The hidden command that fetches: kRenewWord PROFILE…; its answer goes to its standard output, packed.
constexpr std::string_view kRenewWord = "renew-for-endpoint";

class Renewal {
 public:
  /// `words`: the name we are called by first. Error: failure (no process).
  static base::Result<Renewal> start(const std::vector<std::string>& words, const base::Environment& environment);
  Renewal(Renewal&& other) noexcept;
  Renewal& operator=(Renewal&& other) noexcept;
  /// One that still runs is killed.
  ~Renewal();

  /// Readable when it has ended.
  int pidfd() const { return pidfd_.get(); }
  /// What it led to, once it has ended; waits until then.
  base::Result<Lease> outcome();
  void kill();

 private:
  Renewal(pid_t child, base::Descriptor pidfd, base::Descriptor answer);
  void reap();

  pid_t child_;  // 0: reaped
  base::Descriptor pidfd_;
  base::Descriptor answer_;
};

}  // namespace deliver
