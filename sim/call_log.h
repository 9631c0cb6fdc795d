// The log of calls: one JSON object for each, in memory and, where asked for, appended to a file. Holds no secret key,
// no session token and no MFA code.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "message.h"
#include "world.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sim {

struct CallRecord {
  base::Instant time;
  std::string host, service, action;
  std::string principal;  // ARN; empty where the request was not authenticated
  std::string key_id;
  std::string credentials;  // user, user-session, role-session or empty
  Notes notes;
  Parameters parameters;
  int status = 0;
  std::string code;  // OK or AWS's error code
  std::vector<std::string> faults;
  std::string user_agent;
};

class CallLog {
 public:
  /// Also appends to that file from now on.
  base::Result<void> open_file(const std::string& path);
  void add(const CallRecord& record);
  /// JSON lines, oldest first.
  std::string text() const;
  void clear() { lines_.clear(); }

 private:
  std::vector<std::string> lines_;
  base::Descriptor file_;
};

}  // namespace sim
