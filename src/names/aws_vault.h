// One run of kabuto as aws-vault: the global flags, and what its commands share. Each command declares its own flags,
// as kabuto's own commands do, and calls the functions that those are made of.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/session_options.h"
#include "names/names.h"

#include <string>
#include <string_view>

namespace names {

/// The passphrase of the `file` backend opens kabuto's store too, where that is opened by one.
inline constexpr std::string_view kPassphraseVariable = "AWS_VAULT_FILE_PASSPHRASE";

struct AwsVault {
  const Call& call;
  bool debug = false;
  std::string backend = {};                       // as given on the command line; empty: not there
  std::string prompt = {};                        // --prompt, else AWS_VAULT_PROMPT
  std::string target = {};                        // the profile asked for: whose role and tags the environment may name
  std::optional<std::string> duration_text = {};  // --duration
  std::optional<base::Duration> duration = {};    // the same, which holds for every step
};

cli::Action declare_vault_exec(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_export(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_add(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_remove(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_rotate(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_clear(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_list(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_login(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_proxy(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_migrate(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_renewal(cli::Arguments& arguments, AwsVault& vault);
cli::Action declare_vault_version(cli::Arguments& arguments, AwsVault& vault);

/// Where no profile is named a person chooses one. Errors: usage, in aws-vault's words, where nobody can.
base::Result<void> choose_session_for(cli::Context& context, cli::SessionOptions& session, std::string_view command);
/// The same for commands that know profiles alone.
base::Result<void> choose_profile_to(cli::Context& context, std::string& profile, std::string_view command);

/// An error as aws-vault words it, where scripts look for the words: a profile that neither the files nor the store
/// know, and credentials that could not be had.
base::Error as_aws_vault_says(base::Error error, const std::string& profile, cli::Context& context);

}  // namespace names
