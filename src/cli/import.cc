// kabuto import: finds what other tools keep and takes it over. What would be done is always shown first; it is done
// with
// --apply, or after a yes at the terminal.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/import_apply.h"
#include "cli/make_store.h"
#include "credentials/key_input.h"
#include "credentials/sign_in.h"
#include "credentials/stored_sign_ins.h"
#include "peers/find.h"
#include "peers/import_plan.h"
#include "peers/plain_keys.h"
#include "secret/prompt.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <set>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kShownName = 100;
constexpr std::ptrdiff_t kMostNamed = 10;
constexpr std::size_t kWidestName = 32;
constexpr std::size_t kSourceWidth = 9;
constexpr std::size_t kKeyWidth = 9;

struct Words {
  std::vector<std::string> from, renames;
  bool apply = false, dry_run = false, clean = false, no_session = false, no_credential_process = false, json = false;
  SlotWords slot;
};

base::Result<std::set<peers::Source>> sources_of(const Words& words) {
  std::set<peers::Source> out;
  for (const auto& word : words.from) {
    const auto source = peers::source_named(word);
    if (!source) {
      std::vector<std::string> names;
      for (const auto name : peers::source_names()) names.emplace_back(name);
      return fail(ErrorKind::usage, "nothing is imported from " + base::printable(word, 40),
                  "use --from " + base::join(names, ", "));
    }
    out.insert(*source);
  }
  return out;
}

base::Result<peers::ImportOptions> options_of(const Words& words) {
  peers::ImportOptions options;
  for (const auto& word : words.renames) {
    const auto sign = word.find('=');
    const std::string name = sign == std::string::npos ? std::string() : word.substr(sign + 1);
    if (sign == 0 || !credentials::check_profile_name(name))
      return fail(ErrorKind::usage, "--as wants PROFILE=NAME: " + base::printable(word, kShownName),
                  "run kabuto help import");
    options.renames[word.substr(0, sign)] = name;
  }
  if (words.no_session) options.for_other_tools = peers::ForOtherTools::keys;
  if (words.no_credential_process) options.for_other_tools = peers::ForOtherTools::nothing;
  if (words.clean) options.sessions = peers::Sessions::removed;
  return options;
}

/// A name that is given to nothing is a slip, and the key that was meant would get its old name.
base::Result<void> check_renames(const peers::ImportOptions& options, const peers::Findings& findings) {
  for (const auto& [profile, name] : options.renames) {
    if (std::ranges::find(findings.keys, profile, &peers::FoundKey::profile) != findings.keys.end()) continue;
    std::set<std::string> found;
    for (const auto& key : findings.keys) found.insert(base::printable(key.profile, kShownName));
    std::string list = base::join({found.begin(), std::ranges::next(found.begin(), kMostNamed, found.end())}, ", ");
    if (found.size() > kMostNamed) list += fmt::format(" and {} more", found.size() - kMostNamed);
    const std::string word = base::printable(profile, kShownName);
    return fail(
        ErrorKind::usage,
        fmt::format("--as {}={}: no key of a profile {} was found", word, base::printable(name, kShownName), word),
        found.empty() ? "run kabuto import to see what there is" : "there are keys of " + list);
  }
  return {};
}

/// The store, or nullptr where there is none yet.
base::Result<secret::Store*> store_if_any(Context& context) {
  auto store = context.store();
  if (!store && store.error().kind == ErrorKind::not_found) return nullptr;
  return store;
}

bool signed_in(const secret::Store* store, std::string_view start_url, const base::Clock& clock) {
  if (store == nullptr) return false;
  return std::ranges::any_of(store->records(secret::kind::kSignIn), [&](const secret::Record& record) {
    const auto status = credentials::sign_in_status_of(record);
    return status && status->start_url == start_url && !status->ended &&
           (status->renewable || credentials::time_left(*status, clock).count() > 0);
  });
}

/// AWS's files; a credentials file that cannot be read counts as an empty one, and is told of.
struct Files {
  aws::Profiles profiles;
  std::optional<peers::Remark> trouble;
};

base::Result<Files> files_of(const base::Environment& environment) {
  auto both = aws::Profiles::load(environment);
  if (both) return Files{std::move(*both), {}};
  auto places = aws::locations(environment);
  const auto credentials = aws::ConfigFile::read(places.credentials, aws::FileKind::credentials);
  if (credentials) return std::unexpected(std::move(both).error());
  const base::Error& why = credentials.error();
  peers::Remark trouble;
  trouble.where = base::printable(places.credentials);
  trouble.text = base::printable(why.what) + (why.hint.empty() ? "" : "; " + base::printable(why.hint));
  trouble.trouble = why.kind;
  places.credentials.clear();
  return Files{TRY(aws::Profiles::load(places)), std::move(trouble)};
}

std::string table_of(const peers::ImportPlan& plan) {
  std::size_t width = 0;
  for (const auto& step : plan.steps)
    width = std::max(width, std::min(columns(base::printable(step.name, kShownName)), kWidestName));
  std::string out;
  for (const auto& step : plan.steps) {
    const std::string key = step.access_key_id.empty() ? "" : peers::masked(step.access_key_id);
    out += fmt::format("{}  {}  {}  {}: {}\n", fitted(peers::name_of(step.source), kSourceWidth),
                       fitted(base::printable(step.name, kShownName), width), fitted(key, kKeyWidth), step.where,
                       step.text);
  }
  return out;
}

std::string json_of(const peers::ImportPlan& plan, bool applied, const std::string& backup) {
  using Json = nlohmann::ordered_json;
  Json steps = Json::array();
  for (const auto& step : plan.steps)
    steps.push_back({{"action", peers::name_of(step.action)},
                     {"source", peers::name_of(step.source)},
                     {"name", step.name},
                     {"access_key_id", step.access_key_id},
                     {"where", step.where},
                     {"text", step.text},
                     {"trouble", step.trouble.has_value()}});
  Json out;
  out["applied"] = applied;
  out["steps"] = std::move(steps);
  out["backup"] = backup;
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

/// Of the first finding that was to be taken over and is not; 0 where all is well.
int code_of(const peers::ImportPlan& plan) {
  for (const auto& step : plan.steps)
    if (step.trouble) return base::exit_code(*step.trouble);
  return 0;
}

base::Result<bool> agreed(Context& context, const Words& words) {
  if (words.apply) return true;
  if (words.dry_run || words.json || !context.prompt().ready()) {
    if (!words.dry_run) context.output().note("nothing was changed; kabuto import --apply does it");
    return false;
  }
  return TRY(context.prompt().ask_yes_no("Do this?", secret::YesNo::no)) == secret::YesNo::yes;
}

void warn_of_troubles(Context& context, const peers::ImportPlan& plan) {
  for (const auto& step : plan.steps)
    if (step.trouble) context.output().warn(fmt::format("{}: {}", step.where, step.text));
}

void tell(Context& context, const ImportDone& done) {
  bool gives_sessions = false;
  for (const auto& step : done.plan.steps) {
    if (step.action == peers::Action::seal)
      context.output().note(
          fmt::format("sealed {} for {}", step.access_key_id, base::printable(step.name, kShownName)));
    if (step.action == peers::Action::seal || step.action == peers::Action::same)
      gives_sessions = gives_sessions || step.gives == peers::ForOtherTools::sessions;
  }
  warn_of_troubles(context, done.plan);
  if (gives_sessions)
    context.output().note(
        "other tools now get sessions of these keys; AWS lets those without MFA call no IAM: where a script needs "
        "that, write credential_process = kabuto process --no-session NAME");
  if (!done.backup.empty())
    context.output().note(fmt::format(
        "AWS's files as they were are sealed in the store; kabuto import undo {} brings them back", done.backup));
}

base::Result<int> import(Context& context, const Words& words) {
  if (words.no_session && words.no_credential_process)
    return fail(ErrorKind::usage, "--no-session and --no-credential-process exclude each other",
                "run kabuto help import");
  if (words.apply && words.dry_run)
    return fail(ErrorKind::usage, "--apply and --dry-run exclude each other", "run kabuto help import");
  const auto sources = TRY(sources_of(words));
  const auto options = TRY(options_of(words));
  auto files = TRY(files_of(context.environment()));
  const secret::Store* const store = TRY(store_if_any(context));
  const peers::Surroundings around{
      files.profiles,
      [&](std::string_view name) -> std::optional<std::string> {
        const auto key = store == nullptr ? std::nullopt : store->key(std::string(name));
        return key ? std::optional(key->access_key_id) : std::nullopt;
      },
      [&](std::string_view start_url) { return signed_in(store, start_url, context.clock()); }};
  auto findings = peers::find_all({context.environment(), context.clock(), context.prompt()}, files.profiles, sources);
  if (files.trouble &&
      (sources.empty() || sources.contains(peers::Source::aws) || sources.contains(peers::Source::aws_mfa)))
    findings.remarks.insert(findings.remarks.begin(), std::move(*files.trouble));
  TRY(check_renames(options, findings));
  const auto plan = peers::plan_import(findings, around, options);
  if (!words.json) TRY(context.output().answer(table_of(plan)));
  if (plan.steps.empty()) context.output().note("nothing to import was found");
  if (plan.refusal) {
    if (words.json) TRY(context.output().answer(json_of(plan, false, {})));
    return std::unexpected(*plan.refusal);
  }
  const bool applies = plan.has_work() && TRY(agreed(context, words));
  if (!applies) {
    if (words.apply) warn_of_troubles(context, plan);
    if (words.json) TRY(context.output().answer(json_of(plan, false, {})));
    return code_of(plan);
  }
  const auto done = TRY(
      apply_import(context, std::move(findings), around, options, [&] { return store_or_offer(context, words.slot); }));
  tell(context, done);
  if (words.json) TRY(context.output().answer(json_of(done.plan, true, done.backup)));
  return code_of(done.plan);
}

}  // namespace

Action declare_import(Arguments& arguments) {
  const auto words = std::make_shared<Words>();  // shared: the action outlives this call
  arguments.option("--from", "SOURCE", words->from, "only from aws, aws-mfa, aws-vault, granted, aws-sso or aws-cli");
  arguments.flag("--apply", words->apply, "do what is shown, without asking");
  arguments.flag("--dry-run", words->dry_run, "show it only, and ask nothing");
  arguments.option("--as", "PROFILE=NAME", words->renames, "seal the key of PROFILE under another name");
  arguments.flag("-n,--no-session", words->no_session,
                 "let other tools have the keys themselves, not sessions of them: for calls of IAM without MFA");
  arguments.flag("--no-credential-process", words->no_credential_process,
                 "do not let other tools get the keys from kabuto by AWS's config file");
  arguments.flag("--clean", words->clean, "remove sessions in clear too, where they are of no more use");
  arguments.flag("--json", words->json, "one JSON object; asks nothing");
  declare_slot_options(arguments, words->slot);
  return [words](Context& context) { return import(context, *words); };
}

}  // namespace cli
