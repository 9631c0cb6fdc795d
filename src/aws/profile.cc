#include "aws/profile.h"

#include "aws/written_profile.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory_resource>
#include <unordered_set>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kMostIncluded = 100;  // profiles on one way of include_profile
constexpr std::array<std::string_view, 3> kSecretKeys = {"aws_secret_access_key", "aws_session_token",
                                                         "aws_security_token"};
// What one profile never takes from another: a key pair belongs where it is written.
constexpr std::array<std::string_view, 6> kNotInherited = {"aws_access_key_id", "aws_secret_access_key",
                                                           "aws_session_token", "aws_security_token",
                                                           "aws_account_id",    "include_profile"};

bool one_of(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::any_of(keys, [&](std::string_view k) { return base::equals_ignoring_case(k, key); });
}

/// The home directory of `environment`; empty where it says none.
std::string home(const base::Environment& environment, Platform platform) {
  if (platform == Platform::posix) return base::home_directory(environment).value_or("");
  if (const auto home = environment.get_nonempty("HOME")) return std::string(*home);
  if (const auto profile = environment.get_nonempty("USERPROFILE")) return std::string(*profile);
  const auto drive = environment.get_nonempty("HOMEDRIVE");
  const auto path = environment.get_nonempty("HOMEPATH");
  return drive && path ? std::string(*drive) + std::string(*path) : std::string();
}

std::string location(const base::Environment& environment, Platform platform, std::string_view variable,
                     std::string_view file) {
  const std::string_view separator = platform == Platform::windows ? "\\" : "/";
  const std::string directory = home(environment, platform);
  if (const auto named = environment.get_nonempty(variable)) {
    const bool tilde = named->starts_with("~/") || (platform == Platform::windows && named->starts_with("~\\"));
    return tilde && !directory.empty() ? directory + std::string(named->substr(1)) : std::string(*named);
  }
  if (directory.empty()) return {};
  return fmt::format("{}{}.aws{}{}", directory, separator, separator, file);
}

/// Line 0: no file.
std::string place(std::string_view path, unsigned line) {
  return line == 0 ? std::string(path) : fmt::format("{} line {}", path, line);
}

}  // namespace

Locations locations(const base::Environment& environment, Platform platform) {
  return {location(environment, platform, "AWS_CONFIG_FILE", "config"),
          location(environment, platform, "AWS_SHARED_CREDENTIALS_FILE", "credentials")};
}

std::string Setting::where() const { return place(path, line); }

bool holds_secret(std::string_view key) { return one_of(kSecretKeys, key); }

std::optional<Setting> Profile::entry(std::string_view key) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const Setting& setting) { return base::equals_ignoring_case(setting.key, key); });
  if (found == entries_.end()) return std::nullopt;
  return *found;
}

std::optional<Setting> Profile::get(std::string_view key) const {
  auto found = entry(key);
  if (found && holds_secret(key)) found->value = {};
  return found;
}

std::string_view Profile::value(std::string_view key) const {
  const auto found = get(key);
  return found ? found->value : std::string_view();
}

std::optional<secret::Bytes> Profile::secret(std::string_view key) const {
  const auto found = entry(key);
  if (!found || found->value.empty()) return std::nullopt;
  return secret::Bytes::copy_of(found->value);
}

std::optional<Setting> Profile::get(std::string_view key, std::string_view sub_key) const {
  const auto parent = get(key);
  if (!parent || !parent->value.starts_with('\n')) return std::nullopt;
  std::optional<Setting> found;
  for (const std::string_view line : base::split(parent->value, '\n')) {
    const auto sign = line.find('=');
    if (sign == std::string_view::npos || !base::equals_ignoring_case(base::trim(line.substr(0, sign)), sub_key))
      continue;
    found = parent;
    found->key = base::trim(line.substr(0, sign));
    found->value = base::trim(line.substr(sign + 1));
  }
  return found;
}

std::vector<Setting> Profile::settings() const {
  std::vector<Setting> out = entries_;
  for (Setting& setting : out)
    if (holds_secret(setting.key)) setting.value = {};
  return out;
}

std::string Profile::where() const { return place(path_, line_); }

void Profile::put(Setting setting) {
  for (Setting& known : entries_) {
    if (base::equals_ignoring_case(known.key, setting.key)) {
      known = setting;
      return;
    }
  }
  entries_.push_back(setting);
}

base::Result<Profiles> Profiles::load(const Locations& locations, Inherit inherit) {
  Profiles profiles;
  profiles.config_ = TRY(ConfigFile::read(locations.config, FileKind::config));
  profiles.credentials_ = TRY(ConfigFile::read(locations.credentials, FileKind::credentials));
  profiles.inherit_ = inherit;
  return profiles;
}

base::Result<Profiles> Profiles::load(const base::Environment& environment, Inherit inherit) {
  return load(locations(environment), inherit);
}

base::Result<Profiles> Profiles::of_texts(std::string_view config, std::string_view credentials, Inherit inherit) {
  Profiles profiles;
  profiles.config_ = TRY(ConfigFile::parse(FileText::copy_of(config), "config", FileKind::config));
  profiles.credentials_ = TRY(ConfigFile::parse(FileText::copy_of(credentials), "credentials", FileKind::credentials));
  profiles.inherit_ = inherit;
  return profiles;
}

std::vector<std::string_view> Profiles::names_of(SectionKind kind) const {
  std::vector<std::string_view> out;
  // 10,000 nodes come from few blocks and go with them.
  std::pmr::monotonic_buffer_resource blocks;
  std::pmr::unordered_set<std::string_view> seen(&blocks);
  seen.reserve(config_.sections().size());
  for (const ConfigFile* file : {&config_, &credentials_})
    for (const Section& section : file->sections())
      if (section.kind == kind && file->counts(section) && seen.insert(section.name).second)
        out.push_back(section.name);
  return out;
}

std::vector<std::string_view> Profiles::names() const { return names_of(SectionKind::profile); }
std::vector<std::string_view> Profiles::sso_session_names() const { return names_of(SectionKind::sso_session); }

struct Profiles::Made {
  std::string name;
  std::vector<std::pair<std::string, std::string>> keys;
  std::string origin;
};

void Profiles::add_made(std::string name, const std::vector<std::pair<std::string, std::string>>& keys,
                        std::string origin) {
  made_.push_back(std::make_shared<const Made>(Made{std::move(name), keys, std::move(origin)}));
}

void Profiles::put_over(std::string_view name, std::string_view key, std::string_view value, std::string origin) {
  over_.push_back(std::make_shared<const Made>(
      Made{std::string(name), {{std::string(key), std::string(value)}}, std::move(origin)}));
}

std::optional<Profile> Profiles::merged(SectionKind kind, std::string_view name) const {
  std::optional<Profile> out;
  for (const auto& made : made_) {
    if (kind != SectionKind::profile || made->name != name) continue;
    out.emplace();
    out->name_ = name;
    out->path_ = made->origin;
    for (const auto& [key, value] : made->keys) out->put({key, value, made->origin, 0, FileKind::config});
    return out;
  }
  for (const ConfigFile* file : {&config_, &credentials_}) {
    for (const Section* section : file->sections(kind, name)) {
      // What kabuto has itself written for others under the profile's own name is no source of the profile.
      if (out && out->path_ == config_.path() && is_written(*file, *section)) continue;
      if (!out) {
        out.emplace();
        out->name_ = name;
        out->path_ = file->path();
        out->line_ = section->line;
      }
      for (const Property& property : file->properties(*section)) {
        Setting setting{property.key, property.value, file->path(), property.line, file->kind()};
        if (!property.continuations.empty()) {
          std::size_t size = property.value.size();
          for (const auto& line : property.continuations) size += 1 + line.size();
          auto joined = std::make_shared<FileText>(size);
          joined->append(property.value);
          for (const auto& line : property.continuations) {
            joined->append("\n");
            joined->append(line);
          }
          setting.value = joined->view();
          out->joined_.push_back(std::move(joined));
        }
        out->put(setting);
      }
    }
  }
  return out;
}

bool Profiles::contains(std::string_view name) const {
  return std::ranges::any_of(made_, [&](const auto& made) { return made->name == name; }) ||
         !config_.sections(SectionKind::profile, name).empty() ||
         !credentials_.sections(SectionKind::profile, name).empty();
}

base::Result<std::optional<Profile>> Profiles::find(std::string_view name) const {
  std::optional<Profile> profile = merged(SectionKind::profile, name);
  if (!profile) return std::nullopt;
  std::vector<std::string> visited = {profile->name_};
  const auto inherit_from = [&](const Profile& other) {
    for (const Setting& setting : other.entries_)
      if (!one_of(kNotInherited, setting.key) && !profile->entry(setting.key)) profile->entries_.push_back(setting);
    profile->joined_.insert(profile->joined_.end(), other.joined_.begin(), other.joined_.end());
  };
  std::optional<Setting> next = profile->get("include_profile");
  while (next && !next->value.empty()) {
    const std::string included(next->value);
    const bool again = std::ranges::find(visited, included) != visited.end();
    visited.push_back(included);
    if (again)
      return fail(
          ErrorKind::failure,
          fmt::format("include_profile leads in a circle: {} ({})", base::printable(base::join(visited, " -> ")),
                      next->where()),
          fmt::format("run kabuto profile unset '{}' include_profile", base::printable(visited[visited.size() - 2])));
    if (visited.size() > kMostIncluded)
      return fail(ErrorKind::failure,
                  fmt::format("include_profile leads over more than {} profiles ({})", kMostIncluded, next->where()));
    const std::optional<Profile> other = merged(SectionKind::profile, included);
    if (!other)
      return fail(ErrorKind::not_found,
                  fmt::format("profile {}, included by {} ({}), does not exist", base::printable(included),
                              base::printable(visited[visited.size() - 2]), next->where()));
    inherit_from(*other);
    next = other->get("include_profile");
  }
  if (inherit_ == Inherit::included_and_default && std::ranges::find(visited, "default") == visited.end())
    if (const auto fallback = merged(SectionKind::profile, "default")) inherit_from(*fallback);
  for (const auto& over : over_)
    if (over->name.empty() || over->name == name)
      for (const auto& [key, value] : over->keys) profile->put({key, value, over->origin, 0, FileKind::config});
  return profile;
}

std::optional<Profile> Profiles::sso_session(std::string_view name) const {
  return merged(SectionKind::sso_session, name);
}

std::optional<Profile> Profiles::services(std::string_view name) const { return merged(SectionKind::services, name); }

std::vector<Warning> Profiles::warnings() const {
  std::vector<Warning> out = config_.warnings();
  std::ranges::move(credentials_.warnings(), std::back_inserter(out));
  return out;
}

}  // namespace aws
