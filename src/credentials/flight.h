// One refresh at a time per cache key over all processes of a user. The kernel frees the lock when its owner dies by
// any means; those who wait are woken all at once. It knows nothing of credentials.
#pragma once

#include "base/file.h"
#include "base/result.h"

#include <optional>
#include <string>

namespace credentials {

class Flight {
 public:
  /// `directory` is made (0700) where it is missing.
  Flight(std::string directory, const std::string& key);
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight();

  enum class Turn { mine, of_another };
  /// Never waits. `mine` until the object dies.
  base::Result<Turn> try_take();
  /// After of_another: the process that holds it, 0 where it did not say.
  int owner() const;
  /// After of_another: waits until the owner is done or dead; the failure it left, if it left one.
  base::Result<std::optional<base::Error>> wait();
  /// Lets those who wait share the failure instead of repeating it. Only with the turn; the text holds no secret.
  void leave_failure(const base::Error& error);

 private:
  std::string directory_;
  std::string path_;
  base::Descriptor file_;
  bool mine_ = false;
};

}  // namespace credentials
