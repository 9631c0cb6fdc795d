// kabuto as aws-vault: its commands and global flags. What it keeps of aws-vault and what it does otherwise stands in
// doc/names/aws-vault.md. Its stores are not used: the keys are in kabuto's own.
#include "names/aws_vault.h"

#include "aws/profile.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/output.h"
#include "deliver/renewal.h"
#include "names/aws_vault_rules.h"
#include "names/driver_prompt.h"
#include "names/tools.h"

#include <algorithm>
#include <array>
#include <memory>

namespace names {
namespace {

constexpr std::string_view kProgram = "aws-vault";
constexpr int kFailed = 1;  // aws-vault knows no other code for its own errors

struct VaultCommand {
  std::string_view name;
  std::string_view alias;  // empty: none
  std::string_view synopsis;
  std::string_view summary;  // empty: not listed
  cli::Action (*declare)(cli::Arguments&, AwsVault&);
};

constexpr VaultCommand kCommands[] = {
    {"add", "", "PROFILE [--env] [--no-add-config]", "seal an access key for a profile", declare_vault_add},
    {"remove", "rm", "PROFILE [--force]", "take a profile's key out of the store", declare_vault_remove},
    {"list", "ls", "[--profiles|--sessions|--credentials]", "show profiles, sealed keys and sessions",
     declare_vault_list},
    {"rotate", "", "[PROFILE] [--no-session]", "replace a profile's key by a new one at AWS", declare_vault_rotate},
    {"exec", "", "[PROFILE] [OPTIONS] [-- CMD…]", "run a command, or your shell, with a profile's credentials",
     declare_vault_exec},
    {"export", "", "[PROFILE] [OPTIONS]", "print a profile's credentials", declare_vault_export},
    {"login", "", "[PROFILE] [OPTIONS]", "open AWS's web console", declare_vault_login},
    {"clear", "", "[PROFILE]", "forget cached sessions, and sign-ins of Identity Center", declare_vault_clear},
    {"proxy", "server", "[--stop]", "", declare_vault_proxy},
    {"migrate-backend", "", "", "", declare_vault_migrate},
    {"version", "", "", "show the version", declare_vault_version},
    {deliver::kRenewWord, "", "[PROFILE]", "", declare_vault_renewal},
};

// Flags of aws-vault's stores and of its ways to ask, by which kabuto's are not chosen.
constexpr std::string_view kUnusedFlags =
    "--keychain,--secret-service-collection,--pass-dir,--pass-cmd,--pass-prefix,--file-dir,--op-timeout,--op-vault-id,"
    "--op-item-title-prefix,--op-item-tag,--op-connect-host,--op-desktop-account-id,--proton-pass-share-id,"
    "--proton-pass-item-title-prefix,--proton-pass-api-base,--proton-pass-timeout";
constexpr std::array<std::string_view, 7> kPrompts = {"terminal",  "ykman",     "zenity", "kdialog",
                                                      "osascript", "wincredui", "pass"};

/// The sinks of flags that have no effect here.
struct Unused {
  bool biometrics = false;
  std::vector<std::string> values;
};

void declare_globals(cli::Arguments& arguments, AwsVault& vault, Unused& unused) {
  arguments.flag("--debug", vault.debug, "say what is being done, never a secret");
  arguments.option("--prompt", "DRIVER", vault.prompt,
                   "who gives an MFA code: terminal (default), ykman, zenity, kdialog");
  arguments.option("--backend", "BACKEND", vault.backend,
                   "accepted, as all flags of aws-vault's stores: keys are in kabuto's");
  arguments.flag("--biometrics", unused.biometrics, "accepted, and not used");
  arguments.option(std::string(kUnusedFlags), "VALUE", unused.values, "");
}

bool takes_value(std::string_view word) {
  if (word == "--prompt" || word == "--backend") return true;
  const auto names = base::split(kUnusedFlags, ',');
  return std::ranges::find(names, word) != names.end();
}

/// Where the command stands: global flags may come before it. words.size(): nowhere.
std::size_t find_command(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with('-')) at += takes_value(words[at]) ? 2 : 1;
  return std::min(at, words.size());
}

const VaultCommand* command_named(std::string_view word) {
  for (const auto& row : kCommands)
    if (row.name == word || (!row.alias.empty() && row.alias == word)) return &row;
  return nullptr;
}

base::Result<void> check_prompt(AwsVault& vault) {
  if (vault.prompt.empty()) vault.prompt = vault.call.environment.get("AWS_VAULT_PROMPT").value_or("");
  if (vault.prompt == "pass")
    return base::fail(base::ErrorKind::usage,
                      "--prompt=pass (or AWS_VAULT_PROMPT=pass) is not possible: a code without a device of its own "
                      "goes against good practice",
                      "add mfa_process = pass otp NAME to the profile in ~/.aws/config");
  if (vault.prompt.empty() || std::ranges::find(kPrompts, vault.prompt) != kPrompts.end()) return {};
  return base::fail(base::ErrorKind::usage, "--prompt value must be one of terminal, ykman, zenity, kdialog, got '" +
                                                base::printable(vault.prompt, 40) + "'");
}

base::Result<void> check_duration(AwsVault& vault) {
  if (!vault.duration_text) return {};
  vault.duration = duration_with_unit(*vault.duration_text);
  if (vault.duration) return {};
  const std::string wrong = lacks_unit(*vault.duration_text) ? "missing unit in" : "invalid";
  return base::fail(base::ErrorKind::usage, wrong + " duration \"" + base::printable(*vault.duration_text, 40) + "\"",
                    "write it as 90m, 1h or 1h30m");
}

std::string overview() {
  std::string text = "usage: aws-vault [FLAGS] COMMAND …\n\nThis is kabuto under aws-vault's name.\n\n";
  for (const auto& row : kCommands) {
    if (row.summary.empty()) continue;
    std::string name(row.name);
    if (!row.alias.empty()) name += ", " + std::string(row.alias);
    name.resize(std::max<std::size_t>(name.size(), 12), ' ');
    text += "  " + name + " " + std::string(row.summary) + "\n";
  }
  return text + "\naws-vault COMMAND --help shows how to use one.\n";
}

cli::Voice voice_of(const std::string& command) {
  const std::string name(kProgram);
  const std::string of = command.empty() ? "" : command + ": ";
  return {name + ": ", name + ": warning: ", name + ": error: " + of, name + ": hint: "};
}

int complain(const base::Error& error, const std::string& command) {
  cli::StandardOutput(voice_of(command)).error(error);
  return kFailed;
}

int run_command(const VaultCommand& row, const std::vector<std::string>& words, AwsVault& vault) {
  cli::Arguments arguments(row.name, row.synopsis, row.summary, kProgram);
  Unused unused;
  const cli::Action action = row.declare(arguments, vault);
  declare_globals(arguments, vault, unused);
  if (auto parsed = arguments.parse(words); !parsed) return complain(parsed.error(), "");
  cli::StandardOutput output(voice_of(std::string(row.name)));
  if (arguments.help_asked()) return output.answer(arguments.help()) ? 0 : kFailed;
  if (auto checked = check_prompt(vault); !checked) return complain(checked.error(), "");
  if (auto checked = check_duration(vault); !checked) return complain(checked.error(), "");
  cli::Manner manner;
  manner.program = kProgram;
  manner.passphrase_variable = kPassphraseVariable;
  if (is_program(vault.prompt))
    manner.make_prompt = [&] {
      return std::make_unique<DriverPrompt>(vault.prompt, vault.call.environment, vault.call.clock);
    };
  if (vault.duration_text) manner.words = {"--duration", *vault.duration_text};
  manner.load_profiles = [&](const base::Environment& environment) { return load_by_vault_rules(vault, environment); };
  cli::Context context(vault.call.clock, vault.call.environment, output, std::move(manner));
  context.options().verbose = vault.debug;
  const auto code = action(context);
  if (!code) output.error(code.error());
  return code && *code == 0 ? 0 : kFailed;
}

}  // namespace

int run_aws_vault(const Call& call) {
  AwsVault vault{call};
  std::vector<std::string> words(call.words.begin(), call.words.end());
  const std::size_t at = find_command(words);
  const auto before = words.begin() + static_cast<std::ptrdiff_t>(at);
  if (at == words.size()) {
    if (std::ranges::find(words, "--version") != words.end())
      words.assign({"version"});
    else {
      const bool asked =
          std::any_of(words.begin(), before, [](const auto& word) { return word == "--help" || word == "-h"; });
      if (!cli::StandardOutput().answer(overview())) return kFailed;
      return asked ? 0 : kFailed;
    }
  }
  const std::string name = at == words.size() ? words[0] : words[at];
  if (name == "help") return cli::StandardOutput().answer(overview()) ? 0 : kFailed;
  const VaultCommand* const row = command_named(name);
  if (row == nullptr)
    return complain(
        {base::ErrorKind::usage, "expected command but got \"" + base::printable(name, 60) + "\", try --help", {}}, "");
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(std::min(at, words.size() - 1)));
  return run_command(*row, words, vault);
}

}  // namespace names
