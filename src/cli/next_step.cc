#include "cli/next_step.h"

#include "aws/written_profile.h"
#include "base/shell_word.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;

/// The profile to show in an example: one with a role, else one whose key is sealed, else the first.
std::string example_profile(const aws::Profiles& profiles, const std::optional<secret::NamesIndex>& index) {
  for (const auto name : profiles.names())
    if (const auto profile = profiles.find(name); profile && *profile && !(*profile)->value("role_arn").empty())
      return std::string(name);
  if (index && !index->keys.empty()) return index->keys.front().profile;
  return profiles.names().empty() ? "" : std::string(profiles.names().front());
}

/// A profile whose secret key stands in the files in clear.
std::optional<std::string> key_in_clear(const aws::Profiles& profiles) {
  for (const auto name : profiles.names())
    if (const auto profile = profiles.find(name);
        profile && *profile && (*profile)->get("aws_secret_access_key") && !(*profile)->get(aws::kWriterKey))
      return std::string(name);
  return std::nullopt;
}

/// The profile at the end of the example's source profiles, where it has no key and the files name no other source.
std::optional<std::string> source_without_key(const aws::Profiles& profiles,
                                              const std::optional<secret::NamesIndex>& index, std::string name) {
  constexpr int kMostSteps = 16;
  for (int step = 0; step < kMostSteps; ++step) {
    const auto has_sealed = [&](const auto& key) { return key.profile == name; };
    if (index && std::ranges::any_of(index->keys, has_sealed)) return std::nullopt;
    const auto profile = profiles.find(name);
    if (!profile || !*profile) return name.empty() ? std::nullopt : std::optional(name);
    for (const auto* key : {"aws_access_key_id", "credential_process", "credential_source", "sso_session",
                            "sso_start_url", "web_identity_token_file", "login_session", "roles_anywhere_private_key"})
      if ((*profile)->get(key)) return std::nullopt;
    const std::string next((*profile)->value("source_profile"));
    if ((*profile)->value("role_arn").empty() || next == name) return name;
    if (next.empty()) return std::nullopt;
    name = next;
  }
  return std::nullopt;
}

bool signs_in(const aws::Profiles& profiles, const std::string& name) {
  const auto profile = profiles.find(name);
  return profile && *profile && ((*profile)->get("sso_session") || (*profile)->get("sso_start_url"));
}

std::string try_step(const std::string& profile) {
  return fmt::format("kabuto exec {} -- aws sts get-caller-identity", base::shell_word(profile));
}

std::string login_step(const std::string& name) {
  return fmt::format("kabuto login {}    signs in with the browser", base::shell_word(name));
}

}  // namespace

std::string next_step(const aws::Profiles& profiles, const std::optional<secret::NamesIndex>& index,
                      const SignInsFound& sign_ins) {
  if (!sign_ins.ended.empty()) return login_step(sign_ins.ended.front());
  const bool no_keys = !index || index->keys.empty();
  if (const auto clear = key_in_clear(profiles); clear && no_keys)
    return fmt::format("kabuto add {}    seals the key that lies in clear in AWS's files", base::shell_word(*clear));
  if (no_keys && !sign_ins.live.empty())
    for (const auto name : profiles.names())
      if (signs_in(profiles, std::string(name))) return try_step(std::string(name));
  const std::string example = example_profile(profiles, index);
  if (const auto source = source_without_key(profiles, index, example))
    return fmt::format("kabuto add {}    seals the access key that {} needs{}", base::shell_word(*source),
                       base::printable(example, kShownName), index ? "" : " (and makes the store)");
  if (!sign_ins.never.empty() && no_keys && (example.empty() || signs_in(profiles, example)))
    return login_step(sign_ins.never.front());
  if (example.empty())
    return "kabuto add NAME    seals your first access key (and makes the store)\n"
           "      kabuto login       signs in to Identity Center, once AWS's config file has an [sso-session NAME]";
  return try_step(example);
}

}  // namespace cli
