#include "credentials/own_process.h"

#include "credentials/command_split.h"

namespace credentials {

bool is_own_process(std::string_view command, std::string_view profile) {
  const auto words = split_command(command);
  if (!words || words->size() < 3) return false;
  const std::string_view program = words->front();
  if (program.substr(program.rfind('/') + 1) != "kabuto" || (*words)[1] != "process") return false;
  // The name stands before the options or behind them.
  return (*words)[2] == profile || words->back() == profile;
}

}  // namespace credentials
