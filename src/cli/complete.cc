// kabuto completion: a shell's script, and the answers that the scripts ask for. An answer never unlocks, calls nobody,
// and reads AWS's files once; what cannot be read is left out, for a key press is no place for an error.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/completion_scripts.h"
#include "cli/context.h"
#include "cli/shell_line.h"
#include "credentials/assignments.h"
#include "credentials/sso_session.h"
#include "secret/names_index.h"
#include "secret/places.h"

#include <memory>
#include <set>

namespace cli {
namespace {

struct Options {
  std::string shell;
  std::string breaks;
  std::vector<std::string> line;
};

std::vector<std::string> profile_names(Context& context) {
  std::vector<std::string> out;
  const auto profiles = context.profiles();
  if (profiles)
    for (const auto name : (*profiles)->names()) out.emplace_back(name);
  if (const auto places = context.places())
    if (const auto index = secret::read_names(**places); index && *index)
      for (const auto& key : (*index)->keys)
        if (!profiles || !(*profiles)->contains(key.profile)) out.push_back(key.profile);
  return out;
}

std::vector<credentials::SsoSession> sessions(Context& context) {
  const auto profiles = context.profiles();
  return profiles ? credentials::all_sso_sessions(**profiles) : std::vector<credentials::SsoSession>();
}

std::vector<std::string> session_names(Context& context) {
  std::vector<std::string> out;
  for (const auto& session : sessions(context)) out.push_back(session.id());
  return out;
}

std::vector<std::string> assigned(Context& context, ValueKind kind) {
  std::set<std::string> out;
  const auto places = context.places();
  if (!places) return {};
  for (const auto& session : sessions(context)) {
    const auto kept = credentials::read_assignments(**places, session.id());
    if (!kept || !*kept) continue;
    for (const auto& account : (*kept)->accounts) {
      if (kind == ValueKind::role)
        out.insert(account.roles.begin(), account.roles.end());
      else
        out.insert({account.name, account.id});
    }
  }
  return {out.begin(), out.end()};
}

std::vector<std::string> values_of(Context& context, ValueKind kind) {
  if (kind == ValueKind::profile) return profile_names(context);
  if (kind == ValueKind::sso_session) return session_names(context);
  return assigned(context, kind);
}

std::string_view name_of(Completion::Kind kind) {
  if (kind == Completion::Kind::files) return "files\n";
  return kind == Completion::Kind::command ? "command\n" : "values\n";
}

/// For bash: each candidate as readline is to put it.
std::string answer_for_line(Context& context, const Options& options) {
  const ShellLine line = parse_shell_line(options.line.empty() ? "" : options.line[0], options.breaks);
  std::vector<std::string> words = line.words;
  // "A=1 kabuto exec": what stands before the program is not ours.
  while (!words.empty() && words[0].find('=') != std::string::npos) words.erase(words.begin());
  if (!words.empty()) words.erase(words.begin());
  const auto completion =
      complete(commands(), words, line.current, [&](ValueKind kind) { return values_of(context, kind); });
  std::string out(name_of(completion.kind));
  for (const auto& candidate : completion.candidates)
    if (const auto written = written_for(line, completion.before + candidate.value)) out += *written + "\n";
  return out;
}

/// For zsh and fish, which narrow and quote by themselves: the value, and its help behind a tab.
std::string answer_for_words(Context& context, const Options& options) {
  std::vector<std::string> words = options.line;
  std::string current;
  if (words.size() > 1) {
    current = words.back();
    words.pop_back();
  }
  if (!words.empty()) words.erase(words.begin());
  const auto completion =
      complete(commands(), words, current, [&](ValueKind kind) { return values_of(context, kind); });
  // fish wants the whole word, zsh what follows the equals sign.
  const std::string before = options.shell == "fish" ? completion.before : "";
  std::string out(name_of(completion.kind));
  for (const auto& candidate : completion.candidates)
    out += before + candidate.value + (candidate.help.empty() ? "" : "\t" + candidate.help) + "\n";
  return out;
}

}  // namespace

Action declare_completion(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("SHELL", options->shell, Presence::required, "bash, zsh or fish");
  arguments.option("--breaks", "CHARACTERS", options->breaks, "bash's COMP_WORDBREAKS; its script gives it");
  arguments.command_after_dashes("LINE…", options->line, "the line to complete; only the scripts give it");
  return [options](Context& context) -> base::Result<int> {
    const auto script = completion_script(options->shell);
    if (!script)
      return base::fail(base::ErrorKind::usage, "no completion for " + base::printable(options->shell, 40),
                        "run kabuto completion bash, zsh or fish");
    if (options->line.empty()) {
      TRY(context.output().answer(*script));
    } else {
      TRY(context.output().answer(options->shell == "bash" ? answer_for_line(context, *options)
                                                           : answer_for_words(context, *options)));
    }
    return 0;
  };
}

}  // namespace cli
