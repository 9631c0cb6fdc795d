#include "cli/doctor_clear.h"

#include "aws/profile.h"
#include "aws/written_profile.h"
#include "base/environment.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/context.h"
#include "doctor/keys.h"
#include "peers/aws_files.h"
#include "peers/find.h"
#include "peers/import_plan.h"
#include "peers/plain_keys.h"
#include "secret/names_index.h"
#include "secret/places.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;

std::string shown(const std::string& text) { return base::printable(text, kShownName); }

/// What `kabuto import` would do with all that was found.
peers::ImportPlan plan_of(Context& context, const peers::Findings& found, const aws::Profiles& files) {
  std::optional<secret::NamesIndex> index;
  if (const auto places = context.places())
    if (auto names = secret::read_names(**places)) index = std::move(*names);
  std::set<std::string, std::less<>> portals;
  if (const auto sign_ins = context.sign_ins())
    if (const auto list = (*sign_ins)->list())
      for (const auto& status : *list)
        if (is_live(status, context.clock())) portals.insert(status.start_url);
  const peers::Surroundings around{files,
                                   [&](std::string_view name) -> std::optional<std::string> {
                                     const auto* const key = index ? index->find(name) : nullptr;
                                     return key != nullptr ? std::optional(key->access_key_id) : std::nullopt;
                                   },
                                   [&](std::string_view start_url) { return portals.contains(start_url); }};
  peers::ImportOptions options;
  options.sessions = peers::Sessions::removed;
  return peers::plan_import(found, around, options);
}

/// The plan begins with one step for each key, and has one for each session before the remarks at its end.
const peers::Step& step_of_key(const peers::ImportPlan& plan, std::size_t key) { return plan.steps[key]; }
const peers::Step& step_of_session(const peers::ImportPlan& plan, const peers::Findings& found, std::size_t session) {
  return plan.steps[found.keys.size() + found.sso_sessions.size() + found.sso_profiles.size() + session];
}

/// A name under which a key can be sealed whose profile's name has another one.
std::string name_beside(const peers::FoundKey& key) {
  return key.section.empty() || key.section == key.profile ? key.profile + "-2" : key.section;
}

std::vector<doctor::ClearFact> clear_facts(const peers::Findings& found, const peers::ImportPlan& plan,
                                           const aws::Profiles& files) {
  std::vector<doctor::ClearFact> out;
  for (std::size_t i = 0; i < found.keys.size(); ++i) {
    const auto& key = found.keys[i];
    if (!key.in_clear) continue;
    doctor::ClearFact fact;
    fact.what = "the key " + peers::masked(key.access_key_id) + " of profile " + shown(key.profile);
    fact.where = key.where;
    fact.tool = peers::name_of(key.source);
    fact.profile = key.profile;
    if (step_of_key(plan, i).action == peers::Action::leave) fact.name_beside = name_beside(key);
    if (fact.why_other = step_of_key(plan, i).by_hand; !fact.why_other.empty())
      fact.other_mend = base::editor_command(key.path, key.line);
    out.push_back(std::move(fact));
  }
  for (std::size_t i = 0; i < found.sessions.size(); ++i) {
    const auto& session = found.sessions[i];
    doctor::ClearFact fact;
    fact.kind = doctor::ClearKind::session;
    fact.what = session.what;
    fact.where = session.path;
    fact.tool = peers::name_of(session.source);
    fact.ends = session.ends;
    if (step_of_session(plan, found, i).action == peers::Action::leave)
      fact.portal = peers::session_of(session.start_url, plan, files);
    out.push_back(std::move(fact));
  }
  return out;
}

/// A key or session that no import takes out of AWS's files.
doctor::ClearFact fact_for_hands(const peers::PlainKey& key) {
  const bool is_session = key.kind == peers::PlainKind::session;
  const std::string id = key.access_key_id.empty() ? "" : " " + peers::masked(key.access_key_id);
  doctor::ClearFact fact;
  fact.kind = is_session ? doctor::ClearKind::session : doctor::ClearKind::long_term_key;
  fact.what = (is_session ? "the session" : "the key") + id + " of " +
              (key.passed_over.empty() ? "profile " + shown(key.profile) : "[" + shown(key.profile) + "]");
  fact.where = key.where();
  fact.ends = key.ends;
  fact.other_mend = base::editor_command(key.path, key.line);
  if (!key.passed_over.empty()) fact.why_other = "its section is ignored (" + key.passed_over + ")";
  return fact;
}

/// A session in one of AWS's files; nullopt where it is wanted, or told of as a leftover.
std::optional<doctor::ClearFact> session_fact(const aws::ConfigFile& file, const peers::PlainKey& key,
                                              const std::vector<aws::WrittenProfile>& all_written,
                                              const peers::Findings& found) {
  doctor::ClearFact fact = fact_for_hands(key);
  for (const auto& written : all_written) {
    if (written.name != key.profile) continue;
    // A running kabuto write takes it out at its end; what a killed one has left is a leftover.
    if (written.has_owner()) return std::nullopt;
    fact.other_mend = "kabuto write --to " + base::shell_word(written.name) + " --remove";
  }
  const bool goes_with_its_key =
      peers::has_session_of_aws_mfa(file, key.profile) && std::ranges::any_of(found.keys, [&](const auto& other) {
        return other.source == peers::Source::aws_mfa && other.profile == key.profile && other.refusal.empty();
      });
  if (goes_with_its_key) fact.other_mend = "kabuto import --from aws-mfa";
  return fact;
}

/// What lies in AWS's files and import leaves there.
std::vector<doctor::ClearFact> left_facts(const aws::Profiles& files, const peers::Findings& found) {
  std::vector<doctor::ClearFact> out;
  for (const auto* file : {&files.credentials(), &files.config()}) {
    const auto written = aws::written_profiles(*file);
    for (const auto& key : peers::plain_keys(*file))
      if (key.kind == peers::PlainKind::session && key.has_secret)
        if (auto fact = session_fact(*file, key, written, found)) out.push_back(std::move(*fact));
    for (const auto& key : peers::passed_over_keys(*file))
      if (key.kind != peers::PlainKind::unusable && key.has_secret) out.push_back(fact_for_hands(key));
  }
  return out;
}

std::vector<doctor::OtherStoreFact> other_stores(Context& context, const peers::Findings& found,
                                                 const peers::ImportPlan& plan) {
  std::map<std::pair<std::string, std::string>, std::size_t> sealed;
  for (const auto& key : found.keys)
    if (!key.in_clear) ++sealed[{std::string(peers::name_of(key.source)), key.where}];
  std::vector<doctor::OtherStoreFact> out;
  for (const auto& [key, count] : sealed) {
    const auto known = std::ranges::find(out, key.first, &doctor::OtherStoreFact::tool);
    if (known != out.end())
      known->keys += count;
    else
      out.push_back({key.first, key.second, count, true});
  }
  const auto home = base::home_directory(context.environment());
  if (!home) return out;
  for (const auto& [folder, tool] :
       {std::pair{"/.awsvault", "aws-vault"}, {"/.granted", "granted"}, {"/.aws-sso", "aws-sso"}}) {
    const std::string path = *home + folder;
    if (access(path.c_str(), F_OK) != 0 || std::ranges::find(out, tool, &doctor::OtherStoreFact::tool) != out.end())
      continue;
    const bool has_more = std::ranges::any_of(plan.steps, [&](const peers::Step& step) {
      return peers::name_of(step.source) == tool && (step.action != peers::Action::leave || step.trouble);
    });
    out.push_back({tool, path, 0, has_more});
  }
  return out;
}

}  // namespace

bool is_live(const credentials::SignInStatus& status, const base::Clock& clock) {
  return !status.ended && (status.renewable || credentials::time_left(status, clock) > base::Duration(0));
}

doctor::Findings look_at_clear(Context& context) {
  const auto profiles = context.profiles();
  if (!profiles) return {};
  const auto found = peers::find_all({context.environment(), context.clock(), context.prompt()}, **profiles, {});
  const auto plan = plan_of(context, found, **profiles);
  auto facts = clear_facts(found, plan, **profiles);
  std::ranges::move(left_facts(**profiles, found), std::back_inserter(facts));
  doctor::Findings out = doctor::check_clear(facts, context.clock().now());
  const auto locations = aws::locations(context.environment());
  if (locations.config.empty() || locations.credentials.empty())  // what was not looked at is not good
    std::erase_if(out, [](const auto& finding) { return finding.severity == doctor::Severity::good; });
  std::ranges::move(doctor::check_other_stores(other_stores(context, found, plan)), std::back_inserter(out));
  return out;
}

}  // namespace cli
