#include "peers/aws_sso.h"

#include "base/file.h"
#include "base/text.h"
#include "credentials/key_input.h"
#include "peers/aws_vault.h"
#include "peers/keyring_item.h"
#include "peers/keyring_store.h"
#include "peers/settings_text.h"
#include "secret/read_secret.h"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace peers {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kLargestFile = std::size_t{4} * 1024 * 1024;
constexpr std::string_view kRecord = "aws-sso-cli-records";

/// ~/.aws-sso of its first versions where that alone is there, else below XDG_CONFIG_HOME.
std::string folder(const base::Environment& environment) {
  const auto config = environment.get_nonempty("XDG_CONFIG_HOME");
  std::string now = config && config->starts_with('/') ? std::string(*config) + "/aws-sso"
                                                       : expanded("~/.config/aws-sso", environment);
  std::string old = expanded("~/.aws-sso", environment);
  const bool only_old = access(now.c_str(), F_OK) != 0 && access(old.c_str(), F_OK) == 0;
  return only_old ? old : now;
}

void add_portals(const std::vector<TextSetting>& settings, const std::string& path, Findings& out) {
  for (const auto& setting : settings) {
    if (setting.path.size() != 3 || setting.path[0] != "SSOConfig" || setting.path[2] != "StartUrl") continue;
    FoundSsoSession found;
    found.source = Source::aws_sso;
    found.name = base::lower_ascii(setting.path[1]);
    found.start_url = setting.value;
    found.region = setting_at(settings, {"SSOConfig", setting.path[1], "SSORegion"});
    found.where = fmt::format("{} line {}", base::printable(path), setting.line);
    out.sso_sessions.push_back(std::move(found));
  }
}

std::string name_of(const StaticKey& key) {
  if (!key.profile.empty()) return key.profile;
  const auto slash = key.arn.rfind('/');
  return slash == std::string::npos ? key.arn : key.arn.substr(slash + 1);
}

/// Each key of a record that is open; `open` reads it anew when a key is wanted.
void add_keys(const std::vector<StaticKey>& keys, const std::string& where,
              const std::function<base::Result<std::vector<StaticKey>>()>& open, Findings& out) {
  for (const auto& one : keys) {
    const std::string name = name_of(one);
    if (const auto checked = credentials::check_profile_name(name); !checked) {
      out.remarks.push_back({Source::aws_sso, base::printable(where), checked.error().what, checked.error().kind});
      continue;
    }
    FoundKey key;
    key.source = Source::aws_sso;
    key.profile = name;
    key.where = base::printable(where);
    key.access_key_id = one.key.access_key_id;
    key.open = [open, arn = one.arn]() -> base::Result<aws::Credentials> {
      for (auto& found : TRY(open()))
        if (found.arn == arn) return std::move(found.key);
      return fail(ErrorKind::not_found, "the key is gone");
    };
    out.keys.push_back(std::move(key));
  }
}

base::Result<std::vector<StaticKey>> keys_in_json(const std::string& path) {
  auto text = TRY(secret::read_secret_file_of_tool(path, kLargestFile, "store of aws-sso-cli"));
  if (!text) return std::vector<StaticKey>();
  return parse_static_keys(std::move(*text));
}

void find_in_json(const std::string& path, Findings& out) {
  const auto keys = keys_in_json(path);
  if (!keys) {
    out.remarks.push_back({Source::aws_sso, base::printable(path), keys.error().what, keys.error().kind});
    return;
  }
  add_keys(*keys, path, [path] { return keys_in_json(path); }, out);
  if (access(path.c_str(), F_OK) == 0)
    out.remarks.push_back({Source::aws_sso, base::printable(path),
                           "all of it lies in clear; remove the file once you have moved", std::nullopt});
}

/// Which keys are in the sealed record is known once it is open: then the passphrase is asked for, where the
/// environment has it; else the person is told how.
void find_in_record(const Machine& machine, const std::string& directory, Findings& out) {
  const std::string path = fmt::format("{}/{}", directory, kRecord);
  if (access(path.c_str(), F_OK) != 0) return;
  if (!machine.environment.get("AWS_SSO_FILE_PASSWORD")) {
    out.remarks.push_back({Source::aws_sso, base::printable(path),
                           "sealed: set AWS_SSO_FILE_PASSWORD where it holds static keys of IAM users", std::nullopt});
    return;
  }
  // shared: every key of the record is opened with the same passphrase
  const auto asked = file_passphrase(machine, "AWS_SSO_FILE_PASSWORD", directory);
  const auto open = [asked, path]() -> base::Result<std::vector<StaticKey>> {
    auto text = TRY(open_file_item(*asked, path));
    auto item = TRY(parse_item(std::move(text)));
    return parse_static_keys(std::move(item.data));
  };
  const auto keys = open();
  if (!keys) {
    out.remarks.push_back({Source::aws_sso, base::printable(path), keys.error().what, keys.error().kind});
    return;
  }
  add_keys(*keys, path, open, out);
}

}  // namespace

void find_in_aws_sso(const Machine& machine, Findings& out) {
  const std::string place = folder(machine.environment);
  if (place.empty()) return;
  const std::string path = place + "/config.yaml";
  std::string store = "file";
  std::string json = place + "/store.json";
  if (const auto text = base::read_file(path, kLargestFile).value_or(std::nullopt)) {
    const auto settings = read_yaml(*text);
    if (!settings) {
      out.remarks.push_back({Source::aws_sso, base::printable(path), settings.error().what, settings.error().kind});
      return;
    }
    add_portals(*settings, path, out);
    if (const auto name = setting_at(*settings, {"SecureStore"}); !name.empty()) store = name;
    if (const auto name = setting_at(*settings, {"JsonStore"}); !name.empty())
      json = expanded(name, machine.environment);
  }
  if (store == "json") return find_in_json(json, out);
  if (store == "file") return find_in_record(machine, place + "/secure", out);
  out.remarks.push_back({Source::aws_sso, base::printable(path),
                         fmt::format("its store is {}, which is not read here: for a static key of an IAM user make a "
                                     "new one, then kabuto add PROFILE",
                                     base::printable(store, 40)),
                         std::nullopt});
}

}  // namespace peers
