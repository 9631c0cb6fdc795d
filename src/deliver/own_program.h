// Our own program started anew, so that no copy of this process's memory lives on in it: the watcher of `exec --warn`,
// a local endpoint, and what an endpoint has fetched. It gets the descriptors it is given and no other.
#pragma once

#include "base/environment.h"
#include "base/file.h"
#include "base/result.h"

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace deliver {

/// Where one of our descriptors stands in the new process: below kFirstFreeDescriptor.
struct HandedDescriptor {
  int from;
  int to;
};
constexpr int kFirstFreeDescriptor = 10;

/// own_group: signals of the terminal do not reach it. own_session: it has no terminal at all, so nobody can be asked.
enum class Apart { no, own_group, own_session };

struct OwnProgram {
  std::vector<std::string> argv;   // "kabuto", the hidden command, its words; never a secret
  std::vector<char*> environment;  // null at the end
  std::vector<HandedDescriptor> descriptors;
  // Descriptors that stay open, somewhere from kFirstFreeDescriptor on, so that the locks stay held.
  std::vector<int> locks = {};
  Apart apart = Apart::own_session;
  std::vector<int> ignored;       // signals
  std::vector<int> held;          // signals that stay blocked
  bool leaves_directory = false;  // the current directory becomes /
};

/// The entries themselves, for OwnProgram: no copy of a secret among them. They must have a NUL at their end, as those
/// of this process have.
std::vector<char*> environment_pointers(const base::Environment& environment);

/// Whether what loses its parent would become our child, and so the command's.
bool gets_orphans();

/// Starts it as nobody's child and returns when it runs. Error: failure.
base::Result<void> start_beside(const OwnProgram& program);
/// Starts it as our child. Error: failure.
base::Result<pid_t> start_child(const OwnProgram& program);
/// Becomes it. Returns only where that fails.
base::Error become_own_program(const OwnProgram& program);

}  // namespace deliver
