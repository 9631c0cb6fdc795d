// What the console remembers: sign-in tokens that wait for their browser, and which sessions each browser has.
#pragma once

#include "base/clock.h"

#include <map>
#include <string>
#include <vector>

namespace sim {

struct ConsoleIdentity {
  std::string account, arn;
  std::string role;          // name of the role, or empty: a federated user
  std::string session_name;  // of the role session, or the federated user's
  base::Instant ends;
};

struct SigninToken {
  ConsoleIdentity identity;
  base::Instant expires;
  bool used = false;
};

struct ConsoleSession {
  std::string id;
  ConsoleIdentity identity;
};

struct Consoles {
  std::map<std::string, SigninToken> tokens;
  /// By the browser's cookie; the last signed in is the last.
  std::map<std::string, std::vector<ConsoleSession>> browsers;
};

}  // namespace sim
