// What a run of kabuto as aws-mfa is told and what it is to do, decided from the words, the environment and the file
// before anybody is asked and anything is called.
#pragma once

#include "aws/config_file.h"
#include "base/result.h"
#include "cli/output.h"
#include "names/argparse.h"
#include "names/names.h"
#include "secret/names_index.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace names {

struct MfaWords {
  std::optional<std::string> device, profile, long_term_suffix, short_term_suffix, role, role_session_name, log_level,
      token;
  std::optional<std::int64_t> duration;
  bool force = false, setup = false, help = false;
};

void declare_mfa_words(PythonArguments& arguments, MfaWords& words);

enum class Level : std::uint8_t { debug = 10, info = 20, warning = 30, error = 40, critical = 50 };

/// What is said, as Python's logging writes it. kabuto's own warnings go to standard error: nobody reads them from
/// here.
class MfaLog {
 public:
  MfaLog(cli::Output& output, Level least) : output_(output), least_(least) {}
  base::Result<void> say(Level level, std::string_view name, const std::string& text);
  base::Result<void> debug(const std::string& text) { return say(Level::debug, "DEBUG", text); }
  base::Result<void> info(const std::string& text) { return say(Level::info, "INFO", text); }
  base::Result<void> warning(const std::string& text) { return say(Level::warning, "WARNING", text); }
  /// The exit code.
  int error(const base::Error& error);

 private:
  cli::Output& output_;
  Level least_;
};

/// As --log-level says.
Level level_of(const std::optional<std::string>& name);

/// What a run is to do, decided from the words, the environment and the file.
struct MfaTask {
  std::string short_term;
  std::string key_profile;  // whose long-term key it is: in the file, or in the store
  std::string device;
  std::string role;  // empty: a session of the user
  std::string role_session_name;
  std::int64_t seconds = 0;
  bool is_needed = true;
};

/// The sealed keys' names, by which nothing is opened.
base::Result<std::optional<secret::NamesIndex>> sealed_names(const base::Environment& environment);

/// Says on the way what aws-mfa says. Errors: not_found (no long-term key), usage, with aws-mfa's words.
base::Result<MfaTask> plan_mfa(const Call& call, const MfaWords& words, const aws::ConfigFile& file, MfaLog& log);

}  // namespace names
