// kabuto alone: what is set up, and the command to type next. It unlocks nothing and calls nobody.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/session_file.h"
#include "version.h"

#include <fmt/format.h>

#include <algorithm>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

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
    if (const auto profile = profiles.find(name); profile && *profile && (*profile)->get("aws_secret_access_key"))
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
                            "sso_start_url", "web_identity_token_file", "login_session"})
      if ((*profile)->get(key)) return std::nullopt;
    const std::string next((*profile)->value("source_profile"));
    if ((*profile)->value("role_arn").empty() || next == name) return name;
    if (next.empty()) return std::nullopt;
    name = next;
  }
  return std::nullopt;
}

std::string next_step(const aws::Profiles& profiles, const std::optional<secret::NamesIndex>& index) {
  const bool no_keys = !index || index->keys.empty();
  if (const auto clear = key_in_clear(profiles); clear && no_keys)
    return fmt::format("kabuto add {}    seals the key that lies in clear in AWS's files",
                       base::printable(*clear, kShownName));
  const std::string example = example_profile(profiles, index);
  if (const auto source = source_without_key(profiles, index, example))
    return fmt::format("kabuto add {}    seals the access key that {} needs{}", base::printable(*source, kShownName),
                       base::printable(example, kShownName), index ? "" : " (and makes the store)");
  if (example.empty()) return "kabuto add NAME    seals your first access key (and makes the store)";
  return fmt::format("kabuto exec {} -- aws sts get-caller-identity", base::printable(example, kShownName));
}

base::Result<int> show(Context& context) {
  const secret::Places* const places = TRY(context.places());
  const auto index = TRY(secret::read_names(*places));
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto sessions = TRY(secret::list_sessions(*places));
  const auto live = std::ranges::count_if(
      sessions.sessions, [&](const auto& session) { return session.header.expires > context.clock().now(); });
  const auto files = aws::locations(context.environment());

  std::string text = fmt::format("kabuto {}\n\n", kVersion);
  text +=
      fmt::format("  {:<10}{}\n", "store",
                  index ? base::printable(places->store()) + ", " + counted(index->keys.size(), "key") : "none yet");
  text += fmt::format("  {:<10}{}\n", "profiles",
                      profiles->names().empty()
                          ? "none in " + base::printable(files.config)
                          : counted(profiles->names().size(), "profile") + " in " + base::printable(files.config));
  text += fmt::format("  {:<10}{}\n", "sessions", live == 0 ? "none" : fmt::format("{} live", live));
  if (const auto inside = context.environment().get_nonempty("KABUTO_PROFILE"))
    text += fmt::format("  {:<10}{}\n", "inside", "kabuto exec " + base::printable(*inside, kShownName));
  text += "\nnext: " + next_step(*profiles, index) + "\n      kabuto help    shows all commands\n";
  TRY(context.output().answer(text));
  return 0;
}

}  // namespace

Action declare_status(Arguments&) { return show; }

}  // namespace cli
