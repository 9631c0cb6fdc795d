#include "cli/import_apply.h"

#include "aws/file_rewrite.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/import_backup.h"
#include "peers/import_edits.h"
#include "secret/places.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <utility>
#include <vector>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;
using peers::Action;

/// By the place of the key among the findings.
using Opened = std::map<std::size_t, aws::Credentials>;

bool concerns_key(const peers::Step& step) { return step.action == Action::seal || step.action == Action::same; }

/// The finding becomes a remark, and the keys behind it keep their places.
void give_up(peers::Findings& findings, const peers::Step& step, const base::Error& error) {
  findings.remarks.push_back(
      {step.source, step.where, error.what + (error.hint.empty() ? "" : "; " + error.hint), error.kind});
}

/// Opens what the plan takes, and tells the findings the ids. A key that does not open is left, and the others go on.
Opened open_keys(const peers::ImportPlan& plan, peers::Findings& findings) {
  Opened opened;
  std::vector<bool> lost(findings.keys.size());
  for (const auto& step : plan.steps) {
    if (!concerns_key(step)) continue;
    auto key = findings.keys[step.finding].open();
    if (!key) {
      give_up(findings, step, key.error());
      lost[step.finding] = true;
      continue;
    }
    findings.keys[step.finding].access_key_id = key->access_key_id;
    opened.emplace(step.finding, std::move(*key));
  }
  // Their places in the list change: what was opened moves with them.
  Opened kept;
  std::vector<peers::FoundKey> keys;
  for (std::size_t i = 0; i < findings.keys.size(); ++i) {
    if (lost[i]) continue;
    if (const auto key = opened.find(i); key != opened.end()) kept.emplace(keys.size(), std::move(key->second));
    keys.push_back(std::move(findings.keys[i]));
  }
  findings.keys = std::move(keys);
  return kept;
}

/// Two keys of one id must be one secret, whatever their names and sources: else what lies in clear would be lost.
base::Result<void> check_same(const peers::ImportPlan& plan, const Opened& opened, const secret::Store& store,
                              const secret::DataKey& data_key) {
  std::multimap<std::string, std::string, std::less<>> sealed;  // the names, by id
  for (const auto& key : store.keys()) sealed.emplace(key.access_key_id, key.profile);
  std::map<std::string_view, const peers::Step*> taken;  // by id
  for (const auto& step : plan.steps) {
    if (!concerns_key(step)) continue;
    const auto& found = opened.at(step.finding).secret_access_key;
    const auto [first, is_first] = taken.emplace(step.access_key_id, &step);
    if (!is_first && !opened.at(first->second->finding).secret_access_key.equals(found))
      return std::unexpected(peers::two_secrets(step, first->second->where));
    const auto [begin, end] = sealed.equal_range(step.access_key_id);
    for (auto name = begin; name != end; ++name)
      if (!TRY(store.secret_access_key(data_key, name->second)).equals(found))
        return std::unexpected(peers::two_secrets(step, "the store"));
  }
  return {};
}

/// One of AWS's files and what it becomes.
struct Edited {
  const aws::ConfigFile* file;
  aws::FileText text;
  bool changes() const { return text.view() != file->text(); }
};

base::Result<Edited> edited(const aws::ConfigFile& file, const peers::ImportPlan& plan, const peers::Findings& findings,
                            const peers::Surroundings& around) {
  const auto edits = peers::edits_for(file, plan, findings, around);
  auto text = aws::edited(file.text(), file.kind(), edits);
  if (!text) return std::unexpected(base::with_context(std::move(text).error(), "edit " + file.path()));
  return Edited{&file, std::move(*text)};
}

std::optional<ChangedFile> changed_file(const Edited& edited) {
  if (!edited.changes()) return std::nullopt;
  return ChangedFile{edited.file->path(), edited.file->kind(), secret::Bytes::copy_of(edited.file->text()),
                     fingerprint_of(edited.text.view())};
}

/// Another process reads it from the disk: only what it would find counts as sealed.
base::Result<void> read_back(Context& context, const peers::ImportPlan& plan, const Opened& opened,
                             const secret::DataKey& data_key, const std::string& backup) {
  const secret::Places* const places = TRY(context.places());
  const auto store = TRY(secret::Store::open(*places));
  for (const auto& step : plan.steps) {
    if (!concerns_key(step)) continue;
    const auto sealed = TRY(store.secret_access_key(data_key, step.name));
    if (!sealed.equals(opened.at(step.finding).secret_access_key))
      return fail(ErrorKind::store_damaged,
                  "the store does not give back what was sealed for " + base::printable(step.name) +
                      "; the files were not changed",
                  "run kabuto store check");
  }
  if (backup.empty()) return {};
  const auto record = store.record(secret::kind::kImport, backup);
  if (!record) return fail(ErrorKind::store_damaged, "the store has lost the backup of AWS's files");
  TRY(read_backup(store, data_key, *record));
  return {};
}

base::Result<void> write(Context& context, const Edited& edited) {
  if (!edited.changes()) return {};
  const aws::Rewrite rewrite = [&](const aws::ConfigFile& now) -> base::Result<aws::FileText> {
    if (now.text() != edited.file->text())
      return fail(ErrorKind::failure, base::printable(now.path()) + " was changed meanwhile",
                  "run the same command again");
    return aws::FileText::copy_of(edited.text.view());
  };
  return aws::rewrite_file(edited.file->path(), edited.file->kind(), rewrite, context.clock());
}

base::Result<void> remove_files(const peers::ImportPlan& plan, const peers::Findings& findings) {
  for (const auto& step : plan.steps) {
    if (step.action != Action::remove_file) continue;
    const std::string& path = findings.sessions[step.finding].path;
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
      return fail(ErrorKind::failure, "remove " + base::printable(path) + ": " + base::errno_text(errno));
  }
  return {};
}

/// What is written to the store, all at once.
base::Result<std::string> seal(Context& context, const peers::ImportPlan& plan, const peers::Findings& findings,
                               const Opened& opened, ImportBackup backup, secret::Store& store,
                               const secret::DataKey& data_key) {
  secret::Changes changes;
  bool any = false;
  for (const auto& step : plan.steps) {
    if (!concerns_key(step)) continue;
    const auto& key = opened.at(step.finding);
    if (findings.keys[step.finding].in_clear) backup.keys.emplace(step.name, key.access_key_id);
    if (step.action == Action::same) continue;
    changes.put_key({step.name, key.access_key_id, context.clock().now(), {}, {}}, key.secret_access_key);
    any = true;
  }
  std::string id;
  if (backup.config || backup.credentials) {
    id = backup.id();
    if (!store.record(secret::kind::kImport, id)) {
      put_backup(changes, backup);
      any = true;
    }
  }
  if (any) TRY(store.apply(changes, &data_key));
  return id;
}

}  // namespace

base::Result<ImportDone> apply_import(Context& context, peers::Findings findings, const peers::Surroundings& around,
                                      const peers::ImportOptions& options,
                                      const std::function<base::Result<secret::Store*>()>& store_or_offer) {
  ImportDone done;
  const auto first_plan = peers::plan_import(findings, around, options);
  const Opened opened = open_keys(first_plan, findings);
  done.plan = peers::plan_import(findings, around, options);
  if (!done.plan.has_work()) return done;
  const Edited config = TRY(edited(around.files.config(), done.plan, findings, around));
  const Edited credentials = TRY(edited(around.files.credentials(), done.plan, findings, around));
  if (!opened.empty() || config.changes() || credentials.changes()) {
    secret::Store* const store = TRY(store_or_offer());
    const secret::DataKey data_key = TRY(context.data_key());
    TRY(check_same(done.plan, opened, *store, data_key));
    ImportBackup backup;
    backup.created = context.clock().now();
    backup.config = changed_file(config);
    backup.credentials = changed_file(credentials);
    done.backup = TRY(seal(context, done.plan, findings, opened, std::move(backup), *store, data_key));
    TRY(read_back(context, done.plan, opened, data_key, done.backup));
  }
  // The config file first: whoever reads between the two still finds the key in clear.
  TRY(write(context, config));
  TRY(write(context, credentials));
  TRY(remove_files(done.plan, findings));
  return done;
}

}  // namespace cli
