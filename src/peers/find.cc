#include "peers/find.h"

#include "peers/aws_cli.h"
#include "peers/aws_files.h"
#include "peers/aws_sso.h"
#include "peers/aws_vault.h"
#include "peers/granted.h"
#include "peers/keyring_store.h"

#include <algorithm>

namespace peers {

Findings find_all(const Machine& machine, const aws::Profiles& files, const std::set<Source>& sources) {
  const auto wanted = [&](Source source) { return sources.empty() || sources.contains(source); };
  Findings out;
  if (wanted(Source::aws) || wanted(Source::aws_mfa)) find_in_aws_files(files, out);
  std::vector<KeyringPlaces> keyrings;
  if (wanted(Source::aws_vault)) {
    keyrings.push_back(aws_vault_keyring(machine.environment, files));
    remark_on_other_backends(machine.environment, out);
  }
  if (wanted(Source::granted)) keyrings.push_back(find_granted_configuration(machine, out));
  for (const auto& keyring : keyrings) {
    if (!keyring.file_directory.empty()) find_in_files(machine, keyring, out);
    if (!keyring.pass_directory.empty()) find_in_pass(machine, keyring, out);
  }
  find_in_secret_service(machine, keyrings, out);
  if (wanted(Source::granted)) find_granted_profiles(files, out);
  if (wanted(Source::aws_sso)) find_in_aws_sso(machine, out);
  if (wanted(Source::aws_cli)) find_cli_sessions(machine, out);
  const auto unwanted = [&](const auto& found) { return !wanted(found.source); };
  std::erase_if(out.keys, unwanted);
  std::erase_if(out.remarks, unwanted);
  std::ranges::stable_sort(out.keys, {}, &FoundKey::source);
  return out;
}

}  // namespace peers
