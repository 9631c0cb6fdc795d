// Who may read and write the files and directories that credentials depend on. Pure: what they are was looked at
// before.
#pragma once

#include "doctor/finding.h"

#include <cstdint>
#include <string>
#include <vector>

namespace doctor {

enum class Secrecy : std::uint8_t { anybody_may_read, owner_only };

struct FileFact {
  std::string path;
  std::string role;  // "AWS's config file"
  Secrecy secrecy = Secrecy::anybody_may_read;
  bool exists = false;
  bool is_directory = false;
  bool is_readable = false;
  unsigned mode = 0;
  unsigned owner = 0;
  std::string error;  // why it could not be looked at; empty: it could, or is not there
};

/// `user` is who asks.
Findings check_files(const std::vector<FileFact>& files, unsigned user);

/// Temporary files that killed writers have left.
Findings check_temporary_files(const std::vector<std::string>& paths);

/// `names`: profiles in the credentials file at `path` that ended runs of kabuto write have left.
Findings check_written_profiles(const std::vector<std::string>& names, const std::string& path);

}  // namespace doctor
