// A profile in clear in AWS's credentials file, because a person asked for that very write: written, renewed in place
// and taken out again. Who keeps one holds a lock that the kernel frees when it dies, so that what a killed one has
// left is known and removed by the next. It never touches a section that is a person's, unless told to.
#pragma once

#include "aws/config_file.h"
#include "aws/credentials.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// What happens to a section of that name which is not kabuto's.
enum class Foreign { refused, replaced };

class TemporaryProfile {
 public:
  /// Nothing is written yet, but what would be refused is refused: before anybody is asked for a code. Errors: refused,
  /// failure (another process keeps it), those of reading the file.
  static base::Result<TemporaryProfile> open(std::string file, std::string name, Foreign foreign, base::Clock& clock);
  TemporaryProfile(TemporaryProfile&&) noexcept = default;

  /// From here on it is this process's: it goes when the process does.
  base::Result<void> own();
  /// Writes or renews it; takes the leftovers of others along. Errors as open, and those of files.
  base::Result<void> write(const aws::Credentials& credentials, std::string_view region);
  /// Takes it out. Errors: those of files.
  base::Result<void> remove();
  /// It stays when the process goes, until its credentials have ended.
  base::Result<void> leave();

 private:
  TemporaryProfile(std::string file, std::string name, Foreign foreign, base::Clock& clock)
      : file_(std::move(file)), name_(std::move(name)), foreign_(foreign), clock_(clock) {}
  void drop_lock();

  std::string file_;
  std::string name_;
  Foreign foreign_;
  base::Clock& clock_;
  std::string owner_;  // empty: nobody's
  std::optional<base::FileLock> lock_;
};

/// Takes out those of `names` that are kabuto's, or all where none is named; how many there were. One that a living
/// process keeps is refused, and then none goes. Other errors: not_found, those of files.
base::Result<std::vector<std::string>> remove_temporary_profiles(const std::string& file,
                                                                 const std::vector<std::string>& names,
                                                                 base::Clock& clock);

/// The names of what killed owners have left in a credentials file, and of what has ended.
std::vector<std::string> leftover_profiles(const aws::ConfigFile& file, base::Instant now);

/// Takes out leftover_profiles. Their names. Writes nothing where there is none.
base::Result<std::vector<std::string>> remove_leftover_profiles(const std::string& file, base::Clock& clock);

}  // namespace deliver
