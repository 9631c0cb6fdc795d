// What the doctor says: one finding per matter. Data; texts are for people, and hold no secret and no control
// character.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doctor {

enum class Severity : std::uint8_t { problem, warning, good };
/// "problem", "warning", "good": the words of --json.
std::string_view name_of(Severity severity);

struct Finding {
  Severity severity = Severity::good;
  std::string topic;  // "files", "profiles", …
  std::string what;   // one line
  std::string where;  // a file, a file and its line, a variable; empty where it is nowhere
  std::string mend;   // a command to type; empty where nothing is to be done
};
using Findings = std::vector<Finding>;

}  // namespace doctor
