#include "credentials/own_process.h"

#include "credentials/command_split.h"

#include <string>
#include <vector>

namespace credentials {
namespace {

bool starts_own_process(const std::vector<std::string>& words) {
  if (words.size() < 3) return false;
  const std::string_view program = words.front();
  return program.substr(program.rfind('/') + 1) == "kabuto" && words[1] == "process";
}

}  // namespace

bool is_own_process(std::string_view command, std::string_view profile) {
  const auto words = split_command(command);
  if (!words || !starts_own_process(*words)) return false;
  // The name stands before the options or behind them.
  return (*words)[2] == profile || words->back() == profile;
}

std::optional<OwnProcessRole> role_of_own_process(std::string_view command) {
  constexpr std::size_t kWords = 8;
  const auto words = split_command(command);
  if (!words || words->size() != kWords || !starts_own_process(*words)) return std::nullopt;
  if ((*words)[2] != "--account" || (*words)[4] != "--role" || (*words)[6] != "--session") return std::nullopt;
  return OwnProcessRole{(*words)[3], (*words)[5], (*words)[7]};
}

}  // namespace credentials
