// kabuto help, kabuto version: everything they say comes from the table.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "version.h"

#include <fmt/format.h>

#include <memory>

namespace cli {
namespace {

std::string overview() {
  std::string text = "kabuto: short-lived AWS credentials over many accounts\n\nusage: kabuto COMMAND …\n\n";
  for (const auto& row : commands())
    if (row.listed == Listed::yes) text += fmt::format("  {:<18} {}\n", row.name, row.summary);
  text += "\nkabuto help COMMAND shows how to use one.\n";
  return text;
}

base::Result<std::string> page(const std::string& name) {
  std::string text;
  for (const auto& row : commands()) {
    if (row.name != name && !row.name.starts_with(name + " ")) continue;
    Arguments arguments(row.name, row.synopsis, row.summary);
    const Action unused = row.declare(arguments);
    CommonOptions common;
    declare_common(arguments, common);
    text += (text.empty() ? "" : "\n") + arguments.help();
  }
  if (text.empty())
    return base::fail(base::ErrorKind::usage, "no command named " + base::printable(name, 60), "run kabuto help");
  return text;
}

}  // namespace

Action declare_help(Arguments& arguments) {
  const auto words = std::make_shared<std::vector<std::string>>();  // shared: the action outlives this call
  arguments.positionals("COMMAND", *words, Presence::optional, "the command to explain");
  return [words](Context& context) -> base::Result<int> {
    if (words->empty()) {
      TRY(context.output().answer(overview()));
      return 0;
    }
    const std::string text = TRY(page(base::join(*words, " ")));
    TRY(context.output().answer(text));
    return 0;
  };
}

Action declare_version(Arguments&) {
  return [](Context& context) -> base::Result<int> {
    TRY(context.output().answer(fmt::format("kabuto {}\n", kVersion)));
    return 0;
  };
}

}  // namespace cli
