#include "peers/aws_vault.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace peers {
namespace {

std::string setting(const base::Environment& environment, std::string_view name, std::string_view otherwise) {
  return expanded(environment.get_nonempty(name).value_or(otherwise), environment);
}

std::string without_last_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

std::string expanded(std::string_view path, const base::Environment& environment) {
  if (!path.starts_with("~/")) return std::string(path);
  const auto home = base::home_directory(environment);
  return home ? *home + std::string(path.substr(1)) : std::string();
}

KeyringPlaces aws_vault_keyring(const base::Environment& environment, const aws::Profiles& files) {
  KeyringPlaces out;
  out.source = Source::aws_vault;
  out.file_directory = without_last_slashes(setting(environment, "AWS_VAULT_FILE_DIR", "~/.awsvault/keys/"));
  out.passphrase_variable = "AWS_VAULT_FILE_PASSPHRASE";
  out.pass_command = environment.get_nonempty("AWS_VAULT_PASS_CMD").value_or("pass");
  out.pass_directory = without_last_slashes(setting(environment, "AWS_VAULT_PASS_PASSWORD_STORE_DIR",
                                                    setting(environment, "PASSWORD_STORE_DIR", "~/.password-store")));
  out.pass_prefix = without_last_slashes(std::string(environment.get("AWS_VAULT_PASS_PREFIX").value_or("")));
  for (const auto name : files.names()) out.pass_names.emplace(name);
  out.collection = environment.get_nonempty("AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME").value_or("awsvault");
  return out;
}

void remark_on_other_backends(const base::Environment& environment, Findings& out) {
  static constexpr std::array<std::string_view, 3> kRead = {"file", "pass", "secret-service"};
  const auto backend = environment.get_nonempty("AWS_VAULT_BACKEND");
  if (!backend || std::ranges::find(kRead, *backend) != kRead.end()) return;
  out.remarks.push_back(
      {Source::aws_vault, "AWS_VAULT_BACKEND=" + base::printable(*backend, 40),
       "this store is not read here: run aws-vault export --no-session PROFILE, then kabuto add PROFILE",
       base::ErrorKind::failure});
}

}  // namespace peers
