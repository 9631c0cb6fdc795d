// kabuto config sync: a profile for each account and role of an Identity Center session, between marking lines of AWS's
// config file. What changes is shown first; outside of the marks not one byte does.
#include "credentials/config_sync.h"

#include "aws/file_rewrite.h"
#include "aws/marked_block.h"
#include "aws/partition.h"
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/portal_accounts.h"
#include "secret/prompt.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;
using credentials::Change;

constexpr base::Duration kMaxAge{std::chrono::hours{1}};

struct Words {
  std::string session;
  std::string name_template{credentials::kDefaultTemplate};
  std::string form = "sso-session";
  std::string region;
  std::vector<std::string> environments, include, exclude;
  bool yes = false, dry_run = false, refresh = false, json = false;
};

struct Sync {
  credentials::SsoSession session;
  credentials::Assignments listing;
  credentials::SyncOptions options;
  std::string path;
  std::map<std::string, std::string, std::less<>> in_credentials;  // profiles of the other file, and where
};

/// What the file would become.
struct Outcome {
  credentials::SyncPlan plan;
  std::string body;
  std::vector<credentials::ProfileChange> changes;
  bool has_changes = false;
};

base::Result<credentials::SyncOptions> options_of(const Words& words) {
  credentials::SyncOptions options;
  options.name_template = words.name_template;
  options.include = words.include;
  options.exclude = words.exclude;
  options.region = words.region;
  for (const auto& rule : words.environments)
    options.environments.push_back(TRY(credentials::parse_environment_rule(rule)));
  if (!words.region.empty()) TRY(aws::check_region(words.region, "--region"));
  if (words.form == "process")
    options.form = credentials::ProfileForm::process;
  else if (words.form != "sso-session")
    return fail(ErrorKind::usage, "no form named " + base::printable(words.form, 40),
                "use --form sso-session or --form process");
  return options;
}

base::Result<Outcome> outcome_for(const aws::ConfigFile& file, const Sync& sync) {
  const auto block = TRY(aws::find_block(file, sync.session.id()));
  auto elsewhere = sync.in_credentials;
  for (const auto& section : file.sections()) {
    if (section.kind != aws::SectionKind::profile) continue;
    if (block && section.header >= block->begin && section.header < block->end) continue;
    elsewhere.emplace(section.name, fmt::format("{} line {}", file.path(), section.line));
  }
  Outcome out;
  out.plan = TRY(credentials::plan_sync(sync.listing, sync.session, sync.options,
                                        [&](const std::string& name) -> std::optional<std::string> {
                                          const auto found = elsewhere.find(name);
                                          if (found == elsewhere.end()) return std::nullopt;
                                          return found->second;
                                        }));
  out.body = credentials::body_of(out.plan, sync.session);
  out.changes = credentials::changes_between(block ? block->body : std::string_view(), out.body);
  const aws::FileText text = TRY(aws::with_block(file, sync.session.id(), out.body));
  out.has_changes = text.view() != file.text();
  return out;
}

std::string marked(std::string_view text, char mark) {
  std::string out;
  for (std::size_t at = 0; at < text.size();)
    out += fmt::format("{}{}\n", mark, base::printable(aws::next_line(text, at), 4096));
  return out;
}

/// As `diff -u` shows it, a profile at a time; what is kept is left out.
std::string diff_of(const Outcome& outcome, const Sync& sync) {
  const std::string path = base::printable(sync.path);
  std::string out = fmt::format("--- {}\n+++ {}\n", path, path);
  for (const auto& change : outcome.changes) {
    if (change.change == Change::kept) continue;
    out += fmt::format("@@ profile {} @@\n", base::printable(change.name));
    out += marked(change.before, '-') + marked(change.after, '+');
  }
  return out;
}

std::size_t count_of(const Outcome& outcome, Change change) {
  return static_cast<std::size_t>(std::ranges::count(outcome.changes, change, &credentials::ProfileChange::change));
}

std::string_view name_of(Change change) {
  switch (change) {
    case Change::kept:
      return "kept";
    case Change::added:
      return "added";
    case Change::changed:
      return "changed";
    case Change::removed:
      return "removed";
  }
  return "";
}

std::string json_of(const Outcome& outcome, const Sync& sync, bool written) {
  using Json = nlohmann::ordered_json;
  std::map<std::string, Change, std::less<>> changes;
  Json removed = Json::array();
  for (const auto& change : outcome.changes) {
    changes.emplace(change.name, change.change);
    if (change.change == Change::removed) removed.push_back(change.name);
  }
  Json profiles = Json::array();
  for (const auto& profile : outcome.plan.profiles)
    profiles.push_back({{"name", profile.name},
                        {"account_id", profile.account_id},
                        {"account", profile.account},
                        {"role", profile.role},
                        {"change", name_of(changes.at(profile.name))}});
  Json left = Json::array();
  for (const auto& [name, where] : outcome.plan.left_out) left.push_back({{"name", name}, {"where", where}});
  Json out;
  out["session"] = sync.session.id();
  out["file"] = sync.path;
  out["listed"] = base::iso8601(sync.listing.fetched);
  out["written"] = written;
  out["profiles"] = std::move(profiles);
  out["removed"] = std::move(removed);
  out["left_alone"] = std::move(left);
  out["shared_names"] = outcome.plan.lengthened;
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

void warn_of(Context& context, const Outcome& outcome) {
  for (const auto& [name, where] : outcome.plan.left_out)
    context.output().warn(
        fmt::format("{} is left alone: {} has a profile of that name", base::printable(name), base::printable(where)));
  for (const auto& name : outcome.plan.lengthened)
    context.output().warn(
        fmt::format("several roles would be named {}: their accounts' ids are added", base::printable(name)));
}

/// With --json the differences are not shown, so there is nothing a person could agree to.
enum class Asks { person, nobody };

base::Result<void> confirm(Context& context, const Outcome& outcome, const Sync& sync, Asks asks) {
  auto& prompt = context.prompt();
  if (asks == Asks::nobody || !prompt.ready())
    return fail(ErrorKind::refused, "nobody can be asked whether to change " + sync.path,
                "run the same command with --yes");
  const auto question =
      fmt::format("Write {} new, {} changed and {} removed profiles to {}?", count_of(outcome, Change::added),
                  count_of(outcome, Change::changed), count_of(outcome, Change::removed), base::printable(sync.path));
  if (TRY(prompt.ask_yes_no(question, secret::YesNo::no)) == secret::YesNo::no)
    return fail(ErrorKind::refused, "nothing was changed");
  return {};
}

/// Under the lock what was shown is decided again: a file that has changed since is not written.
base::Result<void> write(Context& context, const Outcome& shown, const Sync& sync) {
  const aws::Rewrite rewrite = [&](const aws::ConfigFile& file) -> base::Result<aws::FileText> {
    const Outcome now = TRY(outcome_for(file, sync));
    const bool same =
        now.body == shown.body && std::ranges::equal(now.changes, shown.changes, [](const auto& a, const auto& b) {
          return a.name == b.name && a.before == b.before && a.after == b.after;
        });
    if (!same) return fail(ErrorKind::failure, sync.path + " was changed meanwhile", "run the same command again");
    return aws::with_block(file, sync.session.id(), now.body);
  };
  return aws::rewrite_file(sync.path, aws::FileKind::config, rewrite, context.clock());
}

base::Result<int> sync_config(Context& context, const Words& words) {
  Sync sync;
  sync.options = TRY(options_of(words));
  sync.session = TRY(session_or_chosen(context, words.session, "config sync"));
  const aws::Profiles* const profiles = TRY(context.profiles());
  sync.path = profiles->config().path();
  for (const auto& section : profiles->credentials().sections())
    if (section.kind == aws::SectionKind::profile)
      sync.in_credentials.emplace(section.name,
                                  fmt::format("{} line {}", profiles->credentials().path(), section.line));
  // A broken file is told before anybody waits for a listing.
  TRY(outcome_for(profiles->config(), sync));
  sync.listing =
      TRY(listing_of(context, sync.session, words.refresh ? base::Duration{0} : kMaxAge, sign_in_use(context)));
  const Outcome outcome = TRY(outcome_for(profiles->config(), sync));
  warn_of(context, outcome);
  if (!words.json && outcome.has_changes) TRY(context.output().answer(diff_of(outcome, sync)));
  const bool writes = outcome.has_changes && !words.dry_run;
  if (writes && !words.yes) TRY(confirm(context, outcome, sync, words.json ? Asks::nobody : Asks::person));
  if (writes) TRY(write(context, outcome, sync));
  if (words.json) TRY(context.output().answer(json_of(outcome, sync, writes)));
  context.output().note(fmt::format(
      "{} profile{} of {} (listed {}): {} added, {} changed, {} removed{}", outcome.plan.profiles.size(),
      outcome.plan.profiles.size() == 1 ? "" : "s", base::printable(sync.session.id()),
      age_of(sync.listing, context.clock()), count_of(outcome, Change::added), count_of(outcome, Change::changed),
      count_of(outcome, Change::removed), outcome.has_changes && words.dry_run ? "; nothing was written" : ""));
  return 0;
}

}  // namespace

Action declare_config_sync(Arguments& arguments) {
  const auto words = std::make_shared<Words>();  // shared: the action outlives this call
  arguments.positional("SESSION", words->session, Presence::optional, "the sso-session; without it the only one");
  arguments.option("--template", "TEMPLATE", words->name_template,
                   "names, of {account} {account_id} {alias} {role} {env} {session}; else {account}-{role}");
  arguments.option("--env", "PATTERN=NAME", words->environments, "what {env} is for accounts of such names");
  arguments.option("--form", "FORM", words->form, "sso-session (default), or process: credential_process = kabuto …");
  arguments.option("--region", "REGION", words->region, "region of every profile");
  arguments.option("--include", "PATTERN", words->include, "only such accounts, or ACCOUNT/ROLE");
  arguments.option("--exclude", "PATTERN", words->exclude, "without such accounts, or ACCOUNT/ROLE");
  arguments.flag("--yes", words->yes, "do not ask");
  arguments.flag("--dry-run", words->dry_run, "show what would change, and write nothing");
  arguments.flag("--refresh", words->refresh, "list the accounts anew, however fresh the list is");
  arguments.flag("--json", words->json, "one JSON object instead of the differences");
  return [words](Context& context) { return sync_config(context, *words); };
}

}  // namespace cli
