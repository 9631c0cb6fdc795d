#include "peers/import_plan.h"

#include "base/text.h"
#include "peers/aws_files.h"
#include "peers/plain_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <set>
#include <utility>

namespace peers {
namespace {

using base::ErrorKind;

constexpr std::size_t kShownName = 100;

std::string shown(std::string_view name) { return base::printable(name, kShownName); }

/// The names that keys are sealed under in this run, and the ids.
using TakenKeys = std::map<std::string, std::string, std::less<>>;

Step step_of(const FoundKey& key, std::string_view name) {
  Step out;
  out.source = key.source;
  out.name = name;
  out.access_key_id = key.access_key_id;
  out.where = key.where;
  return out;
}

Step leave(Step step, ErrorKind kind, std::string text) {
  step.action = Action::leave;
  step.trouble = kind;
  step.text = std::move(text);
  return step;
}

/// Whether a profile takes a credential_process: not where it assumes a role, for which the SDKs look at the profile's
/// own key first.
bool takes_process(const aws::Profiles& files, std::string_view profile) {
  const auto found = files.find(profile);
  if (!found || !*found) return true;
  for (const auto* key : {"role_arn", "sso_session", "sso_start_url", "web_identity_token_file", "login_session"})
    if (!(*found)->value(key).empty()) return false;
  const std::string_view program = (*found)->value("credential_process");
  return program.empty() || program.starts_with("granted ") || program.starts_with("aws-vault ");
}

/// What other tools get once the key is sealed under `name`.
ForOtherTools given(const FoundKey& key, std::string_view name, const Surroundings& around,
                    const ImportOptions& options) {
  const bool asked_for = key.in_clear || key.source == Source::granted;
  if (!asked_for || name != key.profile || !key.role_arn.empty() || !process_line(name, options.for_other_tools) ||
      !takes_process(around.files, key.profile))
    return ForOtherTools::nothing;
  // For a key in clear no tool has asked for a code; a session of a profile with a device asks for one, and where there
  // is no terminal, it fails. aws-mfa's sections had such a session before.
  const auto profile = around.files.find(key.profile);
  const bool has_device = profile && *profile && !(*profile)->value("mfa_serial").empty();
  return key.source == Source::aws && has_device ? ForOtherTools::keys : options.for_other_tools;
}

std::string text_for(const FoundKey& key, const Step& step, const ImportOptions& options) {
  std::string text = step.action == Action::same ? "sealed already" : "seal it";
  if (step.name != key.profile) text += fmt::format(" as {}", shown(step.name));
  if (key.in_clear) text += ", then take it out of the file";
  if (!key.mfa_serial.empty()) text += fmt::format(", mfa_serial for {}", shown(key.profile));
  if (!key.role_arn.empty())
    text += fmt::format(", profile {} assumes {} with it", shown(profile_of_aws_mfa(key.section)),
                        base::printable(key.role_arn));
  if (step.gives != ForOtherTools::nothing) text += ", other tools get it by credential_process";
  if (step.gives != options.for_other_tools && step.gives == ForOtherTools::keys)
    text += ", with --no-session, because a session would ask for a code of its mfa_serial";
  return text;
}

/// Of keys in clear that have one id and not one secret, by the place of each the place of another one. What is sealed
/// is not opened for a plan.
std::map<std::size_t, std::size_t> of_two_secrets(const std::vector<FoundKey>& keys) {
  std::map<std::string_view, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].in_clear && keys[i].refusal.empty()) by_id[keys[i].access_key_id].push_back(i);
  std::map<std::size_t, std::size_t> out;
  for (const auto& [id, places] : by_id) {
    if (places.size() == 1) continue;
    const auto first = keys[places.front()].open();
    for (const auto place : places | std::views::drop(1)) {
      const auto other = keys[place].open();
      if (!first || !other || first->secret_access_key.equals(other->secret_access_key)) continue;
      out.emplace(places.front(), place);
      out.emplace(place, places.front());
    }
  }
  return out;
}

/// Nothing is done then, and both say so.
void refuse_two_secrets(ImportPlan& plan, const Findings& findings) {
  for (const auto& [place, other] : of_two_secrets(findings.keys)) {
    Step& step = plan.steps[place];
    const base::Error why = two_secrets(step, findings.keys[other].where);
    // Of two that are told together the second is the one that does not fit.
    if (!plan.refusal && other < place) plan.refusal = why;
    step = leave(std::move(step), why.kind, why.what);
    step.gives = ForOtherTools::nothing;
    step.by_hand = "another secret for the same id lies at " + findings.keys[other].where;
  }
}

Step plan_key(const FoundKey& key, TakenKeys& taken, const Surroundings& around, const ImportOptions& options) {
  const auto renamed = options.renames.find(key.profile);
  Step step = step_of(key, renamed == options.renames.end() ? key.profile : renamed->second);
  if (!key.refusal.empty()) {
    step.by_hand = key.refusal;
    return leave(std::move(step), ErrorKind::refused, key.refusal + ": left as it is; take one out by hand");
  }
  step.gives = given(key, step.name, around, options);
  const std::string name = shown(step.name);
  const std::string beside =
      fmt::format("--from {} --as {}=NAME seals it beside", name_of(key.source), shown(key.profile));
  if (const auto other = taken.find(step.name); other != taken.end()) {
    if (key.access_key_id.empty() || other->second.empty())
      return leave(std::move(step), ErrorKind::refused,
                   fmt::format("another key named {} comes first: left; {}", name, beside));
    if (other->second != key.access_key_id)
      return leave(std::move(step), ErrorKind::refused,
                   fmt::format("{} is taken for {}: left; {}", masked(other->second), name, beside));
    step.action = Action::same;
    step.text = text_for(key, step, options);
    return step;
  }
  const auto sealed = around.sealed_id(step.name);
  if (sealed && !key.access_key_id.empty() && *sealed != key.access_key_id)
    return leave(std::move(step), ErrorKind::refused,
                 fmt::format("the store holds {} as {}: left; {}", masked(*sealed), name, beside));
  taken.emplace(step.name, key.access_key_id);
  step.action = sealed && *sealed == key.access_key_id ? Action::same : Action::seal;
  step.text = text_for(key, step, options);
  if (sealed && key.access_key_id.empty())
    step.text = fmt::format("open it and compare it with {}, which the store holds", masked(*sealed));
  return step;
}

/// A name for a portal without one: the first label of its host, with a number where that is taken.
std::string name_for(std::string wanted, std::string_view start_url, const ImportPlan& plan,
                     const Surroundings& around) {
  if (!aws::is_identifier(wanted)) {
    const auto scheme = start_url.find("://");
    const std::string_view host = start_url.substr(scheme == start_url.npos ? 0 : scheme + 3);
    wanted = host.substr(0, host.find_first_of(".:/"));
    if (!aws::is_identifier(wanted)) wanted = "sso";
  }
  const auto is_taken = [&](const std::string& name) {
    return around.files.sso_session(name) ||
           std::ranges::any_of(plan.new_sessions, [&](const auto& made) { return made.second.name == name; });
  };
  std::string name = wanted;
  for (int number = 2; is_taken(name); ++number) name = fmt::format("{}-{}", wanted, number);
  return name;
}

Step plan_session(const FoundSsoSession& session, ImportPlan& plan, const Surroundings& around) {
  Step step;
  step.source = session.source;
  step.name = session.name;
  step.where = session.where;
  if (session.start_url.empty() || session.region.empty()) {
    step.text = "it names no start URL or no region: left";
    return step;
  }
  if (const auto known = session_of(session.start_url, plan, around.files); !known.empty()) {
    step.text = fmt::format("the sso-session {} has this portal already", shown(known));
    return step;
  }
  step.name = name_for(session.name, session.start_url, plan, around);
  plan.new_sessions.emplace(session.start_url, NewSession{step.name, session.region});
  step.action = Action::add_session;
  step.text = fmt::format("write [sso-session {}] for {}; then: kabuto login {}, kabuto config sync {}",
                          shown(step.name), base::printable(session.start_url), shown(step.name), shown(step.name));
  return step;
}

Step plan_profile(const FoundSsoProfile& profile, ImportPlan& plan, const Surroundings& around) {
  Step step;
  step.source = profile.source;
  step.name = profile.profile;
  step.where = profile.where;
  const auto found = around.files.find(profile.profile);
  if (found && *found && (!(*found)->value("sso_session").empty() || !(*found)->value("sso_start_url").empty())) {
    step.text = "has an Identity Center role of its own already";
    return step;
  }
  if (profile.region.empty() || profile.account_id.empty() || profile.role_name.empty()) {
    step.text = "its granted_sso_ keys are not complete: left";
    return step;
  }
  std::string session = session_of(profile.start_url, plan, around.files);
  if (session.empty()) {
    session = name_for({}, profile.start_url, plan, around);
    plan.new_sessions.emplace(profile.start_url, NewSession{session, profile.region});
  }
  step.action = Action::set_profile;
  step.text = fmt::format("write sso_session = {}, sso_account_id and sso_role_name into it", shown(session));
  return step;
}

Step plan_file(const FoundSession& session, const Surroundings& around, const ImportOptions& options) {
  Step step;
  step.source = session.source;
  step.where = base::printable(session.path);
  const std::string what = fmt::format("{}, in clear until {}", session.what, base::iso8601(session.ends));
  if (options.sessions == Sessions::left) {
    step.text = what + ": left; --clean removes it";
    return step;
  }
  if (!session.start_url.empty() && !around.signed_in(session.start_url)) {
    step.text = what + ": left until you have signed in with kabuto login";
    return step;
  }
  step.action = Action::remove_file;
  step.text = what + ": remove the file";
  return step;
}

template <class Found, class Plan>
void add(ImportPlan& plan, const std::vector<Found>& list, const Plan& plan_one) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    Step step = plan_one(list[i]);
    step.finding = i;
    plan.steps.push_back(std::move(step));
  }
}

}  // namespace

std::string_view name_of(Action action) {
  switch (action) {
    case Action::seal:
      return "seal";
    case Action::same:
      return "same";
    case Action::add_session:
      return "add-session";
    case Action::set_profile:
      return "set-profile";
    case Action::remove_file:
      return "remove-file";
    case Action::leave:
      return "leave";
  }
  return "";
}

bool ImportPlan::has_work() const {
  return !refusal && std::ranges::any_of(steps, [](const Step& step) { return step.action != Action::leave; });
}

base::Error two_secrets(const Step& step, std::string_view holder) {
  return {ErrorKind::refused,
          fmt::format("{} holds another secret for {} of {} than {}; nothing was changed", holder,
                      masked(step.access_key_id), shown(step.name), step.where),
          "take the wrong one out by hand, or leave a source out with --from"};
}

std::string session_of(std::string_view start_url, const ImportPlan& plan, const aws::Profiles& files) {
  for (const auto name : files.sso_session_names()) {
    const auto session = files.sso_session(name);
    if (session && session->value("sso_start_url") == start_url) return std::string(name);
  }
  const auto made = plan.new_sessions.find(start_url);
  return made == plan.new_sessions.end() ? std::string() : made->second.name;
}

std::optional<std::string> process_line(std::string_view profile, ForOtherTools gives) {
  if (gives == ForOtherTools::nothing || profile.starts_with('-')) return std::nullopt;
  const std::string_view option = gives == ForOtherTools::keys ? "--no-session " : "";
  if (aws::is_identifier(profile)) return fmt::format("kabuto process {}{}", option, profile);
  if (profile.find_first_of("\"'\\$`!;#%") != profile.npos || base::printable(profile, profile.size()) != profile)
    return std::nullopt;
  return fmt::format("kabuto process {}\"{}\"", option, profile);
}

bool is_process_line(std::string_view profile, std::string_view line) {
  return line == process_line(profile, ForOtherTools::sessions) || line == process_line(profile, ForOtherTools::keys);
}

ImportPlan plan_import(const Findings& findings, const Surroundings& around, const ImportOptions& options) {
  ImportPlan plan;
  TakenKeys taken;
  for (const auto& key : findings.keys)
    if (!key.refusal.empty()) taken.emplace(key.profile, std::string());
  add(plan, findings.keys, [&](const FoundKey& key) { return plan_key(key, taken, around, options); });
  refuse_two_secrets(plan, findings);
  add(plan, findings.sso_sessions, [&](const FoundSsoSession& one) { return plan_session(one, plan, around); });
  add(plan, findings.sso_profiles, [&](const FoundSsoProfile& one) { return plan_profile(one, plan, around); });
  add(plan, findings.sessions, [&](const FoundSession& one) { return plan_file(one, around, options); });
  add(plan, findings.remarks, [](const Remark& remark) {
    Step step;
    step.source = remark.source;
    step.where = remark.where;
    step.text = remark.text;
    step.trouble = remark.trouble;
    return step;
  });
  return plan;
}

}  // namespace peers
