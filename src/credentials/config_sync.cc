#include "credentials/config_sync.h"

#include "aws/config_file.h"
#include "base/text.h"
#include "credentials/made_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kShown = 80;
constexpr std::string_view kKeys = "account, account_id, alias, role, env, session";
constexpr std::string_view kOtherEnvironment = "other";

const std::vector<EnvironmentRule>& usual_environments() {
  static const std::vector<EnvironmentRule> rules = {{"*preprod*", "stage"}, {"*prod*", "prod"},
                                                     {"*stag*", "stage"},    {"*test*", "test"},
                                                     {"*dev*", "dev"},       {"*sandbox*", "sandbox"}};
  return rules;
}

bool fits(std::string_view pattern, std::string_view text) {
  return base::matches_wildcard(base::lower_ascii(pattern), base::lower_ascii(text));
}

std::string environment_of(const AssignedAccount& account, const SyncOptions& options) {
  for (const auto& rule : options.environments.empty() ? usual_environments() : options.environments)
    if (fits(rule.pattern, account.name)) return rule.environment;
  return std::string(kOtherEnvironment);
}

bool any_fits(const std::vector<std::string>& patterns, const AssignedAccount& account, const std::string& role) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    if (pattern.find('/') != std::string::npos) return fits(pattern, account.name + "/" + role);
    return fits(pattern, account.name) || fits(pattern, account.id);
  });
}

std::string alias_of(const AssignedAccount& account) {
  const auto at = account.email.find('@');
  if (at != std::string::npos && at > 0) return name_part(account.email.substr(0, at), account.id);
  return base::lower_ascii(name_part(account.name, account.id));
}

/// The template with every key replaced; error: a key that there is not, or a brace alone.
base::Result<std::string> name_of(const AssignedAccount& account, const std::string& role, const SsoSession& session,
                                  const SyncOptions& options) {
  std::string out;
  std::string_view rest = options.name_template;
  const auto wrong = [](std::string_view what) {
    return fail(ErrorKind::usage, fmt::format("--template: {}", what),
                fmt::format("the keys are {}: --template '{}'", kKeys, kDefaultTemplate));
  };
  while (!rest.empty()) {
    const auto brace = rest.find_first_of("{}");
    out += rest.substr(0, brace);
    if (brace == std::string_view::npos) break;
    const auto close = rest.find('}', brace);
    if (rest[brace] == '}' || close == std::string_view::npos) return wrong("a brace stands alone");
    const std::string_view key = rest.substr(brace + 1, close - brace - 1);
    if (key == "account")
      out += name_part(account.name, account.id);
    else if (key == "account_id")
      out += account.id;
    else if (key == "alias")
      out += alias_of(account);
    else if (key == "role")
      out += name_part(role, "role");
    else if (key == "env")
      out += name_part(environment_of(account, options), kOtherEnvironment);
    else if (key == "session")
      out += name_part(session.id(), "sso");
    else
      return wrong(fmt::format("there is no key {}", base::printable(key, kShown)));
    rest.remove_prefix(close + 1);
  }
  if (!aws::is_identifier(out) || out.front() == '-' || out.size() > kLongestName)
    return wrong(fmt::format("{} cannot be a profile's name", base::printable(out, kShown)));
  return out;
}

/// A word of a credential_process; error: one that no quoting of all SDKs carries.
base::Result<std::string> command_word(const std::string& word) {
  if (aws::is_identifier(word)) return word;
  if (word.find_first_of("\"'\\$`!;#%") != std::string::npos || base::printable(word, word.size()) != word)
    return fail(ErrorKind::refused,
                "the session's name cannot stand in a credential_process: " + base::printable(word, kShown),
                "use --form sso-session");
  return "\"" + word + "\"";
}

base::Result<std::vector<std::pair<std::string, std::string>>> keys_of(const AssignedAccount& account,
                                                                       const std::string& role,
                                                                       const SsoSession& session,
                                                                       const SyncOptions& options) {
  std::vector<std::pair<std::string, std::string>> keys;
  if (options.form == ProfileForm::process) {
    keys.emplace_back("credential_process",
                      fmt::format("kabuto process --account {} --role {} --session {}", account.id,
                                  TRY(command_word(role)), TRY(command_word(session.id()))));
  } else {
    keys = sso_keys(session, account.id, role);
  }
  if (!options.region.empty()) keys.emplace_back("region", options.region);
  return keys;
}

/// Those that share a name get the account's id; two that share it still are an error.
base::Result<void> resolve_collisions(SyncPlan& plan) {
  std::map<std::string, unsigned, std::less<>> count;
  for (const auto& profile : plan.profiles) ++count[profile.name];
  // Nobody means the profile that is used where none is named.
  count["default"] += 2;
  std::set<std::string> lengthened;
  for (auto& profile : plan.profiles) {
    if (count[profile.name] < 2) continue;
    lengthened.insert(profile.name);
    profile.name += "-" + profile.account_id;
  }
  plan.lengthened.assign(lengthened.begin(), lengthened.end());
  std::map<std::string, const SyncedProfile*, std::less<>> seen;
  for (const auto& profile : plan.profiles) {
    const auto [other, is_new] = seen.emplace(profile.name, &profile);
    if (is_new) continue;
    const auto title = [](const SyncedProfile& p) { return base::printable(p.account, kShown) + "/" + p.role; };
    return fail(ErrorKind::usage,
                fmt::format("{} and {} would both be the profile {}", title(*other->second), title(profile),
                            base::printable(profile.name, kShown)),
                fmt::format("--template '{}' tells them apart", "{account}-{account_id}-{role}"));
  }
  return {};
}

/// The sections of a body by name, each with its own lines, without blank ones at the end.
std::map<std::string, std::string, std::less<>> sections_of(std::string_view body) {
  std::map<std::string, std::string, std::less<>> out;
  const auto file = aws::ConfigFile::parse(aws::FileText::copy_of(body), "the block", aws::FileKind::config);
  if (!file) return out;
  for (const auto& section : file->sections()) {
    std::string text;
    for (std::size_t at = section.header; at < section.end;) {
      const std::string_view line = aws::next_line(file->text().substr(0, section.end), at);
      if (!base::trim(line).empty()) text += std::string(line) + "\n";
    }
    out[std::string(section.name)] += text;
  }
  return out;
}

}  // namespace

std::string name_part(std::string_view text, std::string_view fallback) {
  std::string out;
  for (const char c : text) {
    if (aws::is_identifier(std::string_view(&c, 1)))
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  const auto begin = out.find_first_not_of('-');
  if (begin == std::string::npos) return std::string(fallback);
  return out.substr(begin, out.find_last_not_of('-') - begin + 1);
}

base::Result<EnvironmentRule> parse_environment_rule(std::string_view text) {
  const auto sign = text.rfind('=');
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == text.size())
    return fail(ErrorKind::usage, "--env wants PATTERN=NAME, not " + base::printable(text, kShown),
                "write it as --env 'prod-*=prod'");
  return EnvironmentRule{std::string(text.substr(0, sign)), std::string(text.substr(sign + 1))};
}

base::Result<SyncPlan> plan_sync(const Assignments& assignments, const SsoSession& session, const SyncOptions& options,
                                 const std::function<std::optional<std::string>(const std::string& name)>& taken) {
  SyncPlan plan;
  for (const auto& account : assignments.accounts) {
    for (const auto& role : account.roles) {
      if (!options.include.empty() && !any_fits(options.include, account, role)) continue;
      if (any_fits(options.exclude, account, role)) continue;
      const std::string name = TRY(name_of(account, role, session, options));
      const auto keys = TRY(keys_of(account, role, session, options));
      plan.profiles.push_back({name, account.id, account.name, role, keys});
    }
  }
  TRY(resolve_collisions(plan));
  std::erase_if(plan.profiles, [&](const SyncedProfile& profile) {
    const auto where = taken(profile.name);
    if (where) plan.left_out.emplace_back(profile.name, *where);
    return where.has_value();
  });
  return plan;
}

std::string body_of(const SyncPlan& plan, const SsoSession& session) {
  if (plan.profiles.empty()) return {};
  std::string out =
      "# Made by kabuto config sync " + base::printable(session.id()) + ": what is changed here is lost.\n";
  for (const auto& profile : plan.profiles) {
    out += fmt::format("[profile {}]\n", profile.name);
    for (const auto& [key, value] : profile.keys) out += fmt::format("{} = {}\n", key, value);
    out += "\n";
  }
  out.pop_back();
  return out;
}

std::vector<ProfileChange> changes_between(std::string_view old_body, std::string_view new_body) {
  const auto before = sections_of(old_body);
  const auto after = sections_of(new_body);
  std::vector<ProfileChange> out;
  for (const auto& [name, text] : after) {
    const auto old = before.find(name);
    if (old == before.end())
      out.push_back({Change::added, name, {}, text});
    else
      out.push_back({old->second == text ? Change::kept : Change::changed, name, old->second, text});
  }
  for (const auto& [name, text] : before)
    if (!after.contains(name)) out.push_back({Change::removed, name, text, {}});
  std::ranges::stable_sort(out, {}, &ProfileChange::name);
  return out;
}

}  // namespace credentials
