// Prints the table of commands as JSON, for what is made from it when a package is built: the manual pages. A program
// of the build, never installed; it performs no command.
#include "cli/command.h"
#include "cli/context.h"
#include "version.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace {

using Json = nlohmann::ordered_json;

Json arguments_of(const cli::Arguments& arguments) {
  Json out = Json::array();
  for (const auto& argument : arguments.declared())
    out.push_back({{"names", argument.names}, {"value", argument.value}, {"help", argument.help}});
  return out;
}

/// What every command takes, declared alone.
Json common_arguments() {
  cli::Arguments arguments("", "", "");
  cli::CommonOptions options;
  cli::declare_common(arguments, options);
  return arguments_of(arguments);
}

Json row_of(const cli::Command& row) {
  cli::Arguments arguments(row.name, row.synopsis, row.summary);
  const cli::Action unperformed = row.declare(arguments);
  return {
      {"name", row.name}, {"synopsis", row.synopsis}, {"summary", row.summary}, {"arguments", arguments_of(arguments)}};
}

}  // namespace

int main() {
  Json out = {{"version", kVersion}, {"common", common_arguments()}, {"commands", Json::array()}};
  for (const auto& row : cli::commands())
    if (row.listed == cli::Listed::yes) out["commands"].push_back(row_of(row));
  return std::puts(out.dump(1).c_str()) < 0 ? 1 : 0;
}
