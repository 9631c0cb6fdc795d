// Running a command under a profile, for `kabuto exec` and for the names of other tools that do the same.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/session_options.h"
#include "credentials/source.h"
#include "deliver/environment.h"

#include <string>
#include <vector>

namespace cli {

class Context;

struct ExecWish {
  enum class Credentials { handed_over, by_profile };  // by_profile: `variables` name one, for the SDKs to read

  SessionOptions session;
  base::Duration min_ttl = kMinTtl;
  bool warn = false;
  bool server = false;
  bool imds = false;
  Credentials credentials = Credentials::handed_over;
  std::vector<std::string> command;         // empty: the person's shell
  std::vector<std::string> variables = {};  // "NAME=value", besides what every child gets
  std::string start_note = {};              // said before the command starts; empty: nothing
};

/// Returns only where the command could not be started, which has been said: the value is the exit code of a shell,
/// 127 or 126. Errors: everything before that.
base::Result<int> run_under(ExecWish& wish, Context& context);

/// The same with credentials that have been fetched. Errors: refused (a value that no environment carries).
base::Result<int> run_with(const std::vector<std::string>& command, const credentials::Answer& answer,
                           const deliver::Recipient& recipient, Context& context);

}  // namespace cli
