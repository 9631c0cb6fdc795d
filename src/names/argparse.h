// The command line of a tool written with Python's argparse: options anywhere, --name=value, a short beginning of a
// long name where the tool allows it, choices, and everything from the first other word on. Its errors have argparse's
// words.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace names {

enum class Beginnings { taken, refused };  // of long names

class PythonArguments {
 public:
  PythonArguments(std::string_view program, Beginnings beginnings) : program_(program), beginnings_(beginnings) {}

  /// names: "--token,--mfa-token". The variables must outlive parse().
  void flag(std::string_view names, bool& into);
  void text(std::string_view names, std::string_view metavar, std::optional<std::string>& into);
  void choice(std::string_view names, std::vector<std::string_view> choices, std::optional<std::string>& into);
  void number(std::string_view names, std::string_view metavar, std::optional<std::int64_t>& into);
  /// At most one of these, which have been declared, may be given.
  void exclusive(std::vector<std::string_view> first_names) { exclusive_ = std::move(first_names); }
  /// All from the first word on that is no option.
  void rest(std::string_view name, std::vector<std::string>& into);

  /// Errors: usage, as argparse words it.
  base::Result<void> parse(std::span<const char* const> words);
  /// "usage: aws-mfa [-h] [--device …] …" on one line.
  std::string usage() const;
  /// The usage, and whose program it is: the whole answer to --help.
  std::string help() const;
  /// What argparse prints before it ends with 2, without the last line end.
  std::string complaint(const base::Error& error) const;

 private:
  struct Option {
    std::vector<std::string> names;
    std::string metavar = {};
    std::vector<std::string_view> choices = {};
    bool* flag = nullptr;
    std::optional<std::string>* text = nullptr;
    std::optional<std::int64_t>* number = nullptr;
    bool given = false;

    std::string called() const;
  };

  Option& declare(std::string_view names);
  base::Result<Option*> named(const std::string& name);
  base::Result<void> set(Option& option, std::string_view value) const;
  base::Result<void> check_exclusive(Option& option);

  std::string program_;
  Beginnings beginnings_;
  std::vector<Option> options_;
  std::vector<std::string_view> exclusive_;
  std::string rest_name_;
  std::vector<std::string>* rest_ = nullptr;
};

}  // namespace names
