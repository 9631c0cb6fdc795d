#include "cli/cancel_line.h"

#include <unistd.h>

namespace cli {
namespace {

constexpr int kStandardError = 2;
constexpr char kLine[] = "\nkabuto: error: the sign-in was cancelled; what was there before it stays\n";

/// Only what a signal handler may do.
void say_and_end(int signal) {
  [[maybe_unused]] const auto written = write(kStandardError, kLine, sizeof kLine - 1);
  raise(signal);  // blocked while this runs; its default action then ends the process
}

}  // namespace

void CancelLine::arm() {
  if (armed_ || sigaction(SIGINT, nullptr, &before_) != 0 || before_.sa_handler != SIG_DFL) return;
  struct sigaction ours{};
  ours.sa_handler = say_and_end;
  ours.sa_flags = SA_RESETHAND;
  sigemptyset(&ours.sa_mask);
  armed_ = sigaction(SIGINT, &ours, nullptr) == 0;
}

void CancelLine::disarm() {
  if (!armed_) return;
  sigaction(SIGINT, &before_, nullptr);
  armed_ = false;
}

}  // namespace cli
