#include "credentials/program.h"

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "credentials/command_split.h"
#include "secret/locked_sink.h"

#include <algorithm>
#include <array>
#include <vector>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

// A program may ask kabuto again; the AWS CLI allows as many.
constexpr std::size_t kMostNested = 4;
// Names the profiles whose programs are running, from the outermost in.
constexpr std::string_view kGuard = "KABUTO_PROCESS_CHAIN";
constexpr char kGuardSeparator = '\n';
// What opens the store is nobody else's.
constexpr std::array<std::string_view, 2> kNotForPrograms = {"KABUTO_PASSPHRASE", "AWS_VAULT_FILE_PASSPHRASE"};

/// The profiles whose programs are running, with `profile` behind them.
base::Result<std::vector<std::string>> running_with(std::string_view profile, const base::Environment& environment) {
  std::vector<std::string> running;
  if (const auto guard = environment.get_nonempty(kGuard))
    for (const auto name : base::split(*guard, kGuardSeparator)) running.emplace_back(name);
  const bool again = std::find(running.begin(), running.end(), profile) != running.end();
  running.emplace_back(profile);
  if (again || running.size() > kMostNested) {
    std::vector<std::string> names;
    names.reserve(running.size());
    for (const auto& name : running) names.push_back(base::printable(name, 60));
    return fail(ErrorKind::refused,
                std::string(again ? "the programs of these profiles call each other in a circle: "
                                  : "the programs of these profiles call each other too deep: ") +
                    base::join(names, " -> "),
                "run kabuto explain " + names.back());
  }
  return running;
}

base::Result<std::vector<std::string>> environment_for(const ProgramCall& call, const base::Environment& environment) {
  const auto running = TRY(running_with(call.profile, environment));
  std::vector<std::string> out;
  for (const auto entry : environment.entries()) {
    if (std::ranges::any_of(kNotForPrograms, [&](auto name) { return entry.starts_with(name); })) continue;
    if (entry.starts_with(kGuard) && entry.substr(kGuard.size()).starts_with('=')) continue;
    out.emplace_back(entry);
  }
  out.push_back(std::string(kGuard) + "=" + base::join(running, std::string_view(&kGuardSeparator, 1)));
  return out;
}

}  // namespace

base::Result<void> check_no_circle(std::string_view profile, const base::Environment& environment) {
  TRY(running_with(profile, environment));
  return {};
}

base::Result<secret::Bytes> run_program(const ProgramCall& call, const base::Environment& environment,
                                        base::Clock& clock) {
  const std::string setting(call.setting);
  const std::string whose = setting + " of profile " + base::printable(call.profile, 100);
  if (!call.path.starts_with('/'))
    return fail(ErrorKind::refused,
                whose + " is not run: " + base::printable(call.path, 200) + " was named by a relative path",
                "export AWS_CONFIG_FILE=\"$PWD/" + base::printable(call.path, 200) + "\"");
  TRY(base::check_only_owner_writes(std::string(call.path), "config file that names a program"));
  auto words = split_command(call.command);
  if (!words) return std::unexpected(base::with_context(std::move(words).error(), whose));
  if (words->empty() || words->front().empty()) return fail(ErrorKind::failure, whose + " names no program");
  if (words->front().find('/') != std::string::npos && !words->front().starts_with('/'))
    return fail(ErrorKind::refused, whose + " is not run: it names a program by a relative path",
                "write its absolute path");
  const auto child_environment = TRY(environment_for(call, environment));
  secret::LockedSink sink(call.most_bytes);
  auto outcome = base::run(*words, child_environment, sink, clock, {.time = call.most_time, .error_bytes = 8192});
  if (!outcome) return std::unexpected(base::with_context(std::move(outcome).error(), whose));
  if (outcome->status != 0) {
    std::vector<std::string> lines;
    for (const auto line : base::split(base::trim_lines(outcome->error_text), '\n'))
      lines.push_back(base::printable(line));
    const std::string said = base::join(lines, "; ");
    return fail(ErrorKind::failure,
                whose + " ended with " + std::to_string(outcome->status) + (said.empty() ? "" : " and said: " + said));
  }
  return sink.take();
}

}  // namespace credentials
