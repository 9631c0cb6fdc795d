// What every process of ours does first: no core file, and no reading of its memory by other processes of the user.
#pragma once

namespace secret {

/// PR_SET_DUMPABLE 0 and RLIMIT_CORE 0, for this process and until execve. Call it first in main.
void harden_process();

}  // namespace secret
