#include "peers/granted.h"

#include "base/file.h"
#include "base/text.h"
#include "peers/aws_vault.h"
#include "peers/settings_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace peers {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1024} * 1024;
constexpr const char* kKeys = "granted-aws-iam-credentials";

/// ~/.granted, or where that is not there and XDG_CONFIG_HOME is set, granted below it.
std::string folder(const base::Environment& environment) {
  std::string home = expanded("~/.granted", environment);
  const auto config = environment.get_nonempty("XDG_CONFIG_HOME");
  if (config && config->starts_with('/') && access(home.c_str(), F_OK) != 0) return std::string(*config) + "/granted";
  return home;
}

void add_portals(const std::vector<TextSetting>& settings, const std::string& path, Findings& out) {
  for (const auto& setting : settings) {
    if (setting.path.size() != 3 || !base::equals_ignoring_case(setting.path[0], "SSO") ||
        !base::equals_ignoring_case(setting.path[2], "StartURL"))
      continue;
    FoundSsoSession found;
    found.source = Source::granted;
    found.name = setting.path[1];
    found.start_url = setting.value;
    found.region = setting_at(settings, {"SSO", setting.path[1], "SSORegion"});
    found.where = fmt::format("{} line {}", base::printable(path), setting.line);
    out.sso_sessions.push_back(std::move(found));
  }
}

/// A store that its configuration chooses and that is not read here.
void remark_on_backend(std::string_view backend, const std::string& path, Findings& out) {
  static constexpr std::array<std::string_view, 4> kRead = {"", "file", "pass", "secret-service"};
  if (std::ranges::find(kRead, backend) != kRead.end()) return;
  out.remarks.push_back({Source::granted, base::printable(path),
                         fmt::format("its keys are in {}, which is not read here: granted credentials export-plaintext "
                                     "PROFILE writes one in clear, then kabuto import",
                                     base::printable(backend, 40)),
                         base::ErrorKind::failure});
}

}  // namespace

KeyringPlaces find_granted_configuration(const Machine& machine, Findings& out) {
  const std::string place = folder(machine.environment);
  const std::string path = place + "/config";
  KeyringPlaces keyring;
  keyring.source = Source::granted;
  keyring.file_directory = fmt::format("{}/secure-storage-aws-iam-credentials", place);
  keyring.passphrase_variable = "CF_KEYRING_FILE_PASSWORD";
  const auto stores = machine.environment.get_nonempty("PASSWORD_STORE_DIR").value_or("~/.password-store");
  keyring.pass_directory = expanded(stores, machine.environment);
  keyring.pass_prefix = kKeys;
  keyring.collection = kKeys;
  const auto text =
      place.empty() ? std::optional<std::string>() : base::read_file(path, kLargestFile).value_or(std::nullopt);
  if (!text) return keyring;
  const auto settings = read_toml(*text);
  if (!settings) {
    out.remarks.push_back({Source::granted, base::printable(path), settings.error().what, settings.error().kind});
    return keyring;
  }
  add_portals(*settings, path, out);
  remark_on_backend(setting_at(*settings, {"Keyring", "Backend"}), path, out);
  if (const auto directory = setting_at(*settings, {"Keyring", "FileDir"}); !directory.empty())
    keyring.file_directory = expanded(directory, machine.environment);
  if (const auto name = setting_at(*settings, {"Keyring", "LibSecretCollectionName"}); !name.empty())
    keyring.collection = name;
  return keyring;
}

}  // namespace peers
