// What is said when a person ends the wait for a sign-in with Ctrl-C: one line, and the process ends by that signal as
// it would have done.
#pragma once

#include <signal.h>

namespace cli {

class CancelLine {
 public:
  CancelLine() = default;
  ~CancelLine() { disarm(); }
  CancelLine(const CancelLine&) = delete;
  CancelLine& operator=(const CancelLine&) = delete;

  /// Does nothing where SIGINT is ignored.
  void arm();
  void disarm();

 private:
  bool armed_ = false;
  struct sigaction before_{};
};

}  // namespace cli
