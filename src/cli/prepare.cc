#include "cli/prepare.h"

#include "secret/hardening.h"

#include <fcntl.h>
#include <signal.h>

namespace cli {

void prepare_process() {
  secret::harden_process();
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // Opened the wrong way round: using a descriptor that was closed stays the error it was. The lowest free number is
    // this one.
    (void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
  signal(SIGPIPE, SIG_IGN);
}

}  // namespace cli
