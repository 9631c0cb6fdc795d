// Where the store and what stands beside it lie. Paths only: nothing here opens a file.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <string>

namespace secret {

struct Places {
  std::string directory;  // KABUTO_HOME, else XDG_DATA_HOME/kabuto, else ~/.local/share/kabuto; 0700

  std::string store() const { return directory + "/store.db"; }
  std::string names() const { return directory + "/store.names"; }
  std::string recent() const { return directory + "/recent"; }
  std::string sessions() const { return directory + "/sessions"; }
  std::string unlock_lock() const { return directory + "/unlock.lock"; }
  std::string unlock_failures() const { return directory + "/unlock.failures"; }
  std::string write_lock() const { return directory + "/store.lock"; }
};

/// Relative values of the variables are refused; without any of them (no HOME) the error is usage.
base::Result<Places> find_places(const base::Environment& environment);

}  // namespace secret
