// What may stand next on a command line of ours, from the table of commands and what each declares. Pure: values that
// files know (profiles, sessions, accounts) come from the caller, asked for by kind.
#pragma once

#include "cli/command.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

enum class ValueKind : std::uint8_t { profile, sso_session, account, role };
using ValuesOf = std::function<std::vector<std::string>(ValueKind)>;

struct Candidate {
  std::string value;
  std::string help;  // one line, or empty
  bool operator==(const Candidate&) const = default;
};

struct Completion {
  enum class Kind : std::uint8_t {
    values,   // these
    files,    // as the shell completes them
    command,  // what follows `--`: as the shell completes a command line
  } kind = Kind::values;
  std::vector<Candidate> candidates;  // not yet narrowed to what is typed; none with a control character
  std::string before;                 // the part of the current word that stays: "--format="
};

/// `words` stand between the program's name and the current word, which may be empty.
Completion complete(std::span<const Command> table, const std::vector<std::string>& words, std::string_view current,
                    const ValuesOf& values_of);

}  // namespace cli
