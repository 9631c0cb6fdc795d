#include "cli/prepare.h"

#include "secret/hardening.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace cli {
namespace {

/// Memory for a secret that is not to be had ends the process at once; not without a word. Only what a handler may
/// call.
void say_why(int) {
  constexpr std::string_view kWords = "kabuto: error: ended at once: no memory for a secret, or a failed self-check\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kWords.data(), kWords.size());
}

}  // namespace

void prepare_process() {
  secret::harden_process();
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // Opened the wrong way round: using a descriptor that was closed stays the error it was. The lowest free number is
    // this one.
    (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGABRT, say_why);  // abort goes on to end the process when this returns
}

}  // namespace cli
