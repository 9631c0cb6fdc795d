// The table of commands and the way from the words of a command line to a row of it.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "deliver/end_watcher.h"
#include "deliver/endpoint.h"
#include "deliver/renewal.h"

#include <array>
#include <string>
#include <vector>

namespace cli {
namespace {

constexpr Command kCommands[] = {
    {"add", "PROFILE [OPTIONS]", "seal an access key for a profile", declare_add, ExitCodes::own},
    {"list", "[--recent] [--json]", "show profiles, where their credentials come from, and live sessions", declare_list,
     ExitCodes::own},
    {"login", "[SESSION] [OPTIONS]", "sign in to Identity Center", declare_login, ExitCodes::own},
    {"logout", "[SESSION]", "end a sign-in, at AWS and here", declare_logout, ExitCodes::own},
    {"rotate", "PROFILE… [OPTIONS]", "replace a sealed key by a new one at AWS", declare_rotate, ExitCodes::own},
    {"remove", "PROFILE [--force]", "take a sealed key out of the store", declare_remove, ExitCodes::own},
    {"import", "[OPTIONS]", "take over what other tools keep: keys in clear, stores, portals", declare_import,
     ExitCodes::own},
    {"import undo", "[BACKUP] [OPTIONS]", "bring back what an import took out of AWS's files", declare_import_undo,
     ExitCodes::own},
    {"exec", "[PROFILE] [OPTIONS] [-- CMD…]", "run a command, or your shell, with a profile's credentials",
     declare_exec, ExitCodes::of_child},
    {"use", "[PROFILE] [OPTIONS]",
     "give the shell that is open a profile's credentials; hook renews them at the prompt", declare_use,
     ExitCodes::own},
    {"off", "", "take off what use has put on: the shell's variables are as before", declare_off, ExitCodes::own},
    {"serve", "PROFILE… [OPTIONS]", "serve profiles' credentials to local programs, and renew them", declare_serve,
     ExitCodes::own},
    {"export", "[PROFILE] [OPTIONS]", "print a profile's credentials for a shell, a program or a file", declare_export,
     ExitCodes::own},
    {"process", "[PROFILE] [OPTIONS]", "answer an SDK as its credential_process", declare_process, ExitCodes::own},
    {"proxy", "[PROFILE] --service SERVICE [OPTIONS] [-- CMD…]", "let a tool that knows only two keys use a profile",
     declare_proxy, ExitCodes::of_child},
    {"write", "[PROFILE] [OPTIONS] [-- CMD…]", "write a profile's credentials into AWS's credentials file for a while",
     declare_write, ExitCodes::own},
    {"dotenv", "FILE [PROFILE] [OPTIONS]", "put a profile's credentials into a .env file, all else in it as it is",
     declare_dotenv, ExitCodes::own},
    {"console", "[PROFILE] [OPTIONS]", "open AWS's web console as a profile", declare_console, ExitCodes::own},
    {"whoami", "[PROFILE] [OPTIONS]", "ask AWS whose credentials they are", declare_whoami, ExitCodes::own},
    {"explain", "[PROFILE] [OPTIONS]", "print the way to a profile's credentials, and do nothing", declare_explain,
     ExitCodes::own},
    {"accounts", "[SESSION] [--refresh] [--json]", "list the Identity Center accounts and roles you may have",
     declare_accounts, ExitCodes::own},
    {"config sync", "[SESSION] [OPTIONS]", "write a profile for each Identity Center account and role",
     declare_config_sync, ExitCodes::own},
    {"clear", "[PROFILE]", "forget cached sessions", declare_clear, ExitCodes::own},
    {"status", "[--json]", "show what is set up, when sign-ins and sessions end, and what to type next", declare_status,
     ExitCodes::own},
    {"doctor", "[--offline] [--quiet] [--json]", "say what is wrong on this machine and how to mend it", declare_doctor,
     ExitCodes::own},
    {"lock", "", "forget the keys that are open: those of cached sessions and of the agent", declare_lock,
     ExitCodes::own},
    {"agent start", "[--foreground]", "start what keeps the store unlocked for a while", declare_agent_start,
     ExitCodes::own},
    {"agent status", "[--json]", "show whether the agent is locked, and what it renews", declare_agent_status,
     ExitCodes::own},
    {"agent stop", "", "end the agent", declare_agent_stop, ExitCodes::own},
    {"prompt", "[--format FORMAT] [--shell SHELL]", "print a segment for a shell's prompt: role, region, time left",
     declare_prompt, ExitCodes::own},
    {"hook", "bash|zsh|fish", "print what makes use and off change the shell that is open", declare_hook,
     ExitCodes::own},
    {"completion", "bash|zsh|fish", "print what makes your shell complete kabuto's command lines", declare_completion,
     ExitCodes::own},
    {"help", "[COMMAND]", "show the commands, or how to use one", declare_help, ExitCodes::own},
    {"names install", "DIR [--name NAME…]", "let kabuto be called like the tools it replaces", declare_names_install,
     ExitCodes::own},
    {"names list", "[--json]", "list those names, and what they start now", declare_names_list, ExitCodes::own},
    {"names remove", "DIR [--name NAME…]", "take those links away", declare_names_remove, ExitCodes::own},
    {"profile set", "PROFILE [KEY=VALUE…]", "set keys of a profile in AWS's config file", declare_profile_set,
     ExitCodes::own},
    {"profile unset", "PROFILE KEY…", "take keys out of a profile", declare_profile_unset, ExitCodes::own},
    {"profile rename", "OLD NEW", "rename a profile and all that refers to it", declare_profile_rename, ExitCodes::own},
    {"store init", "[--slot SLOT] [--key-file PATH]", "make the store of sealed keys", declare_store_init,
     ExitCodes::own},
    {"store status", "[--json]", "show the store, what opens it and what it holds", declare_store_status,
     ExitCodes::own},
    {"store slots", "[--json]", "list what can open the store", declare_store_slots, ExitCodes::own},
    {"store slots add", "--slot SLOT [--key-file PATH]", "let the store be opened another way too",
     declare_store_slots_add, ExitCodes::own},
    {"store slots use", "N", "choose the slot that opens the store", declare_store_slots_use, ExitCodes::own},
    {"store slots remove", "N", "take a slot away", declare_store_slots_remove, ExitCodes::own},
    {"store lock", "", "the same as kabuto lock", declare_lock, ExitCodes::own},
    {"store check", "", "open every record and say whether all is sound", declare_store_check, ExitCodes::own},
    {"store backup", "FILE", "copy the store, still sealed", declare_store_backup, ExitCodes::own},
    {"store restore", "FILE", "put a backup in the store's place", declare_store_restore, ExitCodes::own},
    {"store passphrase", "", "change the passphrase", declare_store_passphrase, ExitCodes::own},
    {"version", "", "show the version", declare_version, ExitCodes::own},
    {deliver::kWatcherWord, "PROFILE EXPIRES PID", "say when a command's credentials end", declare_watch_end,
     ExitCodes::own, Listed::no},
    {deliver::kEndpointWord, "WHERE", "serve credentials to local programs", declare_serve_endpoint, ExitCodes::own,
     Listed::no},
    {deliver::kRenewWord, "[PROFILE] [OPTIONS]", "fetch credentials for an endpoint", declare_renew_for_endpoint,
     ExitCodes::own, Listed::no},
    {"renew-for-hook", "[PROFILE] [OPTIONS]", "fetch credentials for the shell that use has put some into",
     declare_renew_for_hook, ExitCodes::own, Listed::no},
};

/// The row of a command line: "store init" wins over "store". Sets `used` to the number of words the name takes.
const Command* find(const std::vector<std::string>& words, std::size_t& used) {
  const Command* found = nullptr;
  for (const auto& row : kCommands) {
    const auto parts = base::split(row.name, ' ');
    if (parts.size() > words.size() || parts.size() < used) continue;
    if (!std::equal(parts.begin(), parts.end(), words.begin())) continue;
    found = &row;
    used = parts.size();
  }
  return found;
}

/// `kabuto -v exec …`: the common options may stand before the command's name.
std::vector<std::string> take_leading_options(std::vector<std::string>& words) {
  std::size_t count = 0;
  while (count < words.size()) {
    if (words[count] == "-v" || words[count] == "--verbose" || words[count] == "--no-agent" ||
        words[count].starts_with("--passphrase-fd="))
      count += 1;
    else if (words[count] == "--passphrase-fd" && count + 1 < words.size())
      count += 2;
    else
      break;
  }
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<std::string> leading(words.begin(), end);
  words.erase(words.begin(), end);
  return leading;
}

base::Error unknown_command(const std::vector<std::string>& words) {
  const std::string& word = words[0];
  std::vector<std::string> seconds;
  for (const auto& row : kCommands)
    if (const auto parts = base::split(row.name, ' '); parts.size() == 2 && parts[0] == word)
      seconds.emplace_back(parts[1]);
  if (!seconds.empty()) {
    const bool alone = words.size() == 1 || words[1].starts_with('-');
    return {
        base::ErrorKind::usage,
        (alone ? "kabuto " + word : "no command named " + word + " " + base::printable(words[1], 60) + ": " + word) +
            " wants one of " + base::join(seconds, ", "),
        "run kabuto help"};
  }
  for (const auto& row : kCommands)
    if (row.listed == Listed::yes && row.name.starts_with(word.substr(0, 3)))
      return {base::ErrorKind::usage,
              "no command named " + base::printable(word, 60) + "; did you mean kabuto " + std::string(row.name) + "?",
              "run kabuto help"};
  return {base::ErrorKind::usage, "no command named " + base::printable(word, 60), "run kabuto help"};
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

void declare_common(Arguments& arguments, CommonOptions& options) {
  arguments.flag("-v,--verbose", options.verbose, "say what is being done, never a secret");
  arguments.flag("--no-agent", options.no_agent, "unlock the store here, whatever an agent holds");
  arguments.option("--passphrase-fd", "N", options.passphrase_fd, "read the store's passphrase from descriptor N");
}

int run(std::span<const char* const> raw_words, Context& context) {
  std::vector<std::string> words(raw_words.begin(), raw_words.end());
  const std::vector<std::string> common = take_leading_options(words);
  if (words.empty() && common.empty()) words.assign({"status"});
  if (words.empty() || words[0] == "--help" || words[0] == "-h") words.assign({"help"});
  if (words[0] == "--version") words.assign({"version"});
  std::size_t used = 0;
  const Command* row = find(words, used);
  if (row == nullptr) {
    const auto error = unknown_command(words);
    context.output().error(error);
    return base::exit_code(error.kind);
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  words.insert(words.begin(), common.begin(), common.end());
  const auto perform = [&]() -> base::Result<int> {
    Arguments arguments(row->name, row->synopsis, row->summary);
    const Action action = row->declare(arguments);
    declare_common(arguments, context.options());
    TRY(arguments.parse(words));
    if (arguments.help_asked()) {
      TRY(context.output().answer(arguments.help()));
      return 0;
    }
    return action(context);
  };
  const auto code = perform();
  if (code) return *code;
  context.output().error(code.error());
  return row->exit_codes == ExitCodes::of_child ? kExecFailed : base::exit_code(code.error().kind);
}

}  // namespace cli
