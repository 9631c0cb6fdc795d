// The command line of one command, declared once: parsing, help, completion and the man page come from it. It is our
// own and small because it runs on every cached answer: an argument library brought iostream and a tenth of /bin/true.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

enum class Presence {
  required,
  asked,  // the command asks a person for it where it is missing
  optional,
};

/// One option or positional as declared, for help pages and completion.
struct ArgumentInfo {
  std::string names;  // "-d,--duration", or "PROFILE"
  std::string value;  // "DURATION"; empty for a flag and for a positional
  std::string help;
};

class Arguments {
 public:
  /// `program`: the name that was typed.
  Arguments(std::string_view command, std::string_view synopsis, std::string_view summary,
            std::string_view program = "kabuto");
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

  /// Errors: usage, with how to get help as hint. The same single-valued option twice is an error. Where --help
  /// is among the words nothing else is checked.
  base::Result<void> parse(const std::vector<std::string>& words);
  bool help_asked() const { return help_asked_; }
  /// How to use it: one line, what it does, each argument with a line.
  std::string help() const;
  const std::vector<ArgumentInfo>& declared() const { return declared_; }

 private:
  /// Where a value goes; exactly one of the four is set.
  struct Target {
    std::vector<std::string> names;  // with their dashes; empty for a positional
    bool* flag = nullptr;
    std::string* text = nullptr;
    std::optional<std::string>* maybe = nullptr;
    std::vector<std::string>* many = nullptr;
    Presence presence = Presence::optional;
    std::string shown;  // as named in errors
    bool given = false;
  };

  void declare(const std::string& names, const std::string& value, const std::string& help, Target target);
  void declare_positional(const std::string& name, const std::string& help, Target target);
  Target* named(std::string_view name);
  base::Result<void> set(Target& target, std::string value);
  base::Result<void> take_long(const std::vector<std::string>& words, std::size_t& at);
  base::Result<void> take_short(const std::vector<std::string>& words, std::size_t& at);
  base::Result<void> take_positional(const std::string& word);
  std::string called() const;
  std::unexpected<base::Error> usage(const std::string& what) const;

  std::string program_;
  std::string command_;
  std::string synopsis_;
  std::string summary_;
  std::vector<Target> options_;
  std::vector<Target> positionals_;
  std::vector<ArgumentInfo> declared_;
  std::vector<std::string>* tail_ = nullptr;
  bool help_asked_ = false;
};

}  // namespace cli
