// SIGINT, SIGTERM and SIGHUP held back for a moment that must not be cut short; they arrive when it is over.
#pragma once

#include <signal.h>

namespace base {

/// Holds them back, for the calling thread, until this object dies. Nests.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace base
