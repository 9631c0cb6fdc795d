// The command line of one command, declared once: parsing, help, completion and the man page come from it. The argument
// library is seen by arguments.cc alone; commands bind plain variables.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cli {

enum class Presence { required, optional };

/// One option or positional as declared, for help pages and completion.
struct ArgumentInfo {
  std::string names;  // "-d,--duration", or "PROFILE"
  std::string value;  // "DURATION"; empty for a flag
  std::string help;
};

class Arguments {
 public:
  Arguments(std::string_view command, std::string_view summary);
  ~Arguments();
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  /// names: "-n,--no-session". The variables must outlive parse().
  void flag(const std::string& names, bool& into, const std::string& help);
  void option(const std::string& names, const std::string& value, std::string& into, const std::string& help);
  void option(const std::string& names, const std::string& value, std::optional<std::string>& into,
              const std::string& help);
  /// May be given several times.
  void option(const std::string& names, const std::string& value, std::vector<std::string>& into,
              const std::string& help);
  void positional(const std::string& name, std::string& into, Presence presence, const std::string& help);
  /// All remaining words.
  void positionals(const std::string& name, std::vector<std::string>& into, Presence presence, const std::string& help);
  /// Everything after `--`, untouched.
  void command_after_dashes(const std::string& name, std::vector<std::string>& into, const std::string& help);

  /// Errors: usage, with `kabuto help COMMAND` as hint. The same single-valued option twice is an error.
  base::Result<void> parse(const std::vector<std::string>& words);
  bool help_asked() const { return help_asked_; }
  std::string help() const;
  const std::vector<ArgumentInfo>& declared() const { return declared_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<ArgumentInfo> declared_;
  std::vector<std::string>* tail_ = nullptr;
  bool help_asked_ = false;
  std::string command_;
};

}  // namespace cli
