#include "secret/hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace secret {

void harden_process() {
  // Neither can fail for the process itself; both end at execve, so a child is an ordinary process again.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

}  // namespace secret
