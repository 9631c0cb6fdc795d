// A descriptor that tells of a wall clock that was set, and of a machine that has slept.
#pragma once

#include "base/file.h"

namespace base {

/// Readable when the wall clock was set, and after the machine was suspended; invalid where the kernel gives none.
Descriptor clock_changes();

}  // namespace base
