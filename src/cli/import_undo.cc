// kabuto import undo: brings back what an import took out of AWS's files, from the backup that it sealed. Keys are then
// in clear again, and no longer in the store.
#include "aws/file_rewrite.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/import_backup.h"
#include "cli/key_sessions.h"
#include "secret/prompt.h"
#include "secret/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kShownName = 100;

struct Words {
  std::string id;
  bool yes = false, list = false, forget = false;
};

std::string created_of(const secret::Record& record) { return secret::field(record.fields, "created"); }

base::Result<std::vector<secret::Record>> backups_of(const secret::Store& store) {
  auto records = store.records(secret::kind::kImport);
  if (records.empty()) return fail(ErrorKind::not_found, "the store holds no backup of an import");
  std::ranges::stable_sort(records, {}, created_of);
  return records;
}

base::Result<secret::Record> chosen(const secret::Store& store, const std::string& id) {
  auto records = TRY(backups_of(store));
  if (id.empty()) return std::move(records.back());
  const auto found = std::ranges::find(records, id, &secret::Record::name);
  if (found == records.end())
    return fail(ErrorKind::not_found, "the store holds no backup named " + base::printable(id, kShownName),
                "run kabuto import undo --list");
  return std::move(*found);
}

base::Result<int> list(Context& context, const secret::Store& store) {
  std::string out;
  for (const auto& record : TRY(backups_of(store))) {
    std::vector<std::string> names;
    for (const auto& [name, value] : record.fields)
      if (name.starts_with("key ")) names.push_back(base::printable(name.substr(4), kShownName));
    out += fmt::format("{}  {}  {}\n", record.name, created_of(record), base::join(names, ", "));
  }
  TRY(context.output().answer(out));
  return 0;
}

base::Result<void> confirm(Context& context, const Words& words, const secret::Record& record) {
  if (words.yes) return {};
  auto& prompt = context.prompt();
  const std::string question =
      words.forget
          ? fmt::format("Forget the backup {} of {}? It cannot be brought back", record.name, created_of(record))
          : fmt::format("Put AWS's files back as of {}? The keys lie in clear then", created_of(record));
  if (!prompt.ready()) return fail(ErrorKind::sign_in_needed, "nobody can be asked", "run the same command with --yes");
  if (TRY(prompt.ask_yes_no(question, secret::YesNo::no)) == secret::YesNo::no)
    return fail(ErrorKind::refused, "nothing was changed");
  return {};
}

base::Result<void> put_back(Context& context, const std::optional<ChangedFile>& file) {
  if (!file) return {};
  const aws::Rewrite rewrite = [&](const aws::ConfigFile& now) { return restored_text(now, *file); };
  TRY(aws::rewrite_file(file->path, file->kind, rewrite, context.clock()));
  context.output().note("put back " + base::printable(file->path));
  return {};
}

/// A key that was rotated since is another one, and stays.
secret::Changes removals(Context& context, const secret::Store& store, const ImportBackup& backup,
                         const secret::Record& record, std::vector<std::string>& removed) {
  secret::Changes changes;
  changes.remove(secret::kind::kImport, record.name);
  for (const auto& [name, key_id] : backup.keys) {
    const auto key = store.key(name);
    if (!key) continue;
    if (key->access_key_id != key_id) {
      context.output().warn(fmt::format("{} has another key by now, {}: it stays sealed, and {} may be of no more use",
                                        base::printable(name, kShownName), key->access_key_id, key_id));
      continue;
    }
    changes.remove(secret::kind::kKey, name);
    removed.push_back(name);
  }
  return changes;
}

base::Result<int> undo(Context& context, const Words& words) {
  secret::Store* const store = TRY(context.store());
  if (words.list) return list(context, *store);
  const secret::Record record = TRY(chosen(*store, words.id));
  TRY(confirm(context, words, record));
  if (words.forget) {
    TRY(store->apply(secret::Changes().remove(secret::kind::kImport, record.name), nullptr));
    context.output().note("forgot the backup " + record.name);
    return 0;
  }
  const secret::DataKey data_key = TRY(context.data_key());
  const ImportBackup backup = TRY(read_backup(*store, data_key, record));
  // The keys first: at every point in time they are in clear or in the store.
  TRY(put_back(context, backup.credentials));
  TRY(put_back(context, backup.config));
  std::vector<std::string> removed;
  TRY(store->apply(removals(context, *store, backup, record, removed), nullptr));
  for (const auto& name : removed) {
    TRY(forget_sessions_of_key(context, name));
    context.output().note(
        fmt::format("{} is in clear again, and no longer in the store", base::printable(name, kShownName)));
  }
  return 0;
}

}  // namespace

Action declare_import_undo(Arguments& arguments) {
  const auto words = std::make_shared<Words>();  // shared: the action outlives this call
  arguments.positional("BACKUP", words->id, Presence::optional, "which; without it the last one");
  arguments.flag("--list", words->list, "name the backups, and do nothing");
  arguments.flag("--forget", words->forget, "drop the backup, and put nothing back");
  arguments.flag("-y,--yes", words->yes, "do not ask");
  return [words](Context& context) { return undo(context, *words); };
}

}  // namespace cli
