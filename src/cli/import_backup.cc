#include "cli/import_backup.h"

#include "base/text.h"
#include "peers/import_plan.h"
#include "peers/plain_keys.h"
#include "secret/digest.h"
#include "secret/packed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kIdLength = 16;
constexpr std::string_view kKeyField = "key ";
constexpr auto kCreated = "created";
constexpr std::size_t kFiles = 2;

struct FileFields {
  const char* path;
  const char* after;
};
constexpr FileFields kConfigFields{"config", "config-after"};
constexpr FileFields kCredentialsFields{"credentials", "credentials-after"};

void put_file(secret::Fields& fields, const FileFields& names, const std::optional<ChangedFile>& file) {
  if (!file) return;
  fields[names.path] = file->path;
  fields[names.after] = file->after;
}

std::optional<ChangedFile> file_of(const secret::Fields& fields, const FileFields& names, aws::FileKind kind,
                                   secret::Bytes before) {
  ChangedFile out;
  out.path = secret::field(fields, names.path);
  if (out.path.empty()) return std::nullopt;
  out.kind = kind;
  out.after = secret::field(fields, names.after);
  out.before = std::move(before);
  return out;
}

/// The lines of a section that belong to its key, as they stood.
std::vector<std::string_view> key_lines(const aws::ConfigFile& file, const aws::Section& section) {
  static constexpr std::array<std::string_view, 6> kOfKeys = {"aws_access_key_id", "aws_secret_access_key",
                                                              "aws_session_token", "aws_security_token",
                                                              "aws_mfa_device",    "assume_role"};
  std::vector<std::string_view> out;
  const std::string_view text = file.text().substr(0, section.end);
  for (std::size_t at = section.body; at < text.size();) {
    const std::size_t begin = at;
    const std::string_view line = aws::next_line(text, at);
    if (aws::line_kind(line) != aws::LineKind::property) continue;
    const std::string key = base::lower_ascii(aws::take_apart(line).key);
    if (std::ranges::find(kOfKeys, key) != kOfKeys.end()) out.push_back(text.substr(begin, at - begin));
  }
  return out;
}

/// One piece of text and where it goes.
struct Insertion {
  std::size_t at;
  std::vector<std::string_view> lines;
};

aws::FileText inserted(std::string_view text, const std::vector<Insertion>& pieces) {
  std::size_t size = text.size();
  for (const auto& piece : pieces)
    for (const auto line : piece.lines) size += line.size() + 1;
  aws::FileText out(size);
  std::size_t at = 0;
  for (const auto& piece : pieces) {
    out.append(text.substr(at, piece.at - at));
    if (piece.at > 0 && text[piece.at - 1] != '\n') out.append("\n");
    for (const auto line : piece.lines) out.append(line);
    at = piece.at;
  }
  out.append(text.substr(at));
  return out;
}

/// Every key of the old text that the new one lacks: behind the header of its section, or with its section at the end.
base::Result<aws::FileText> merged(const aws::ConfigFile& now, const aws::ConfigFile& old) {
  std::vector<Insertion> inside, behind;
  for (const auto& key : peers::plain_keys(old)) {
    if (!key.has_secret) continue;
    const auto old_sections = old.sections(aws::SectionKind::profile, key.profile);
    const auto sections = now.sections(aws::SectionKind::profile, key.profile);
    const auto there = peers::plain_secret(now, key.profile, "aws_secret_access_key");
    const auto was = peers::plain_secret(old, key.profile, "aws_secret_access_key");
    if (there && was && there->equals(*was)) continue;
    if (there)
      return fail(ErrorKind::refused,
                  fmt::format("{} has another key for {} now; nothing was put back", base::printable(now.path()),
                              base::printable(key.profile)),
                  "take that key out first");
    for (const auto* section : old_sections) {
      auto lines = key_lines(old, *section);
      if (lines.empty()) continue;
      if (!sections.empty()) {
        inside.push_back({sections.back()->body, std::move(lines)});
        continue;
      }
      lines.insert(lines.begin(), old.text().substr(section->header, section->body - section->header));
      behind.push_back({now.text().size(), std::move(lines)});
    }
  }
  std::ranges::stable_sort(inside, {}, &Insertion::at);
  inside.insert(inside.end(), std::make_move_iterator(behind.begin()), std::make_move_iterator(behind.end()));
  return inserted(now.text(), inside);
}

/// In the config file, what an import wrote there for other tools.
std::vector<aws::Edit> without_process_lines(const aws::ConfigFile& now, const aws::ConfigFile& old) {
  std::vector<aws::Edit> edits;
  for (const auto& section : now.sections()) {
    if (section.kind != aws::SectionKind::profile || !now.counts(section)) continue;
    const std::string line = peers::plain_value(now, section.name, "credential_process");
    if (!peers::is_process_line(section.name, line)) continue;
    if (peers::plain_value(old, section.name, "credential_process") == line) continue;
    edits.push_back({.action = aws::Edit::Action::unset,
                     .section = aws::SectionName::of_profile(section.name, now.kind()),
                     .key = "credential_process"});
  }
  return edits;
}

}  // namespace

std::string fingerprint_of(std::string_view text) { return secret::Digest().add("import").add(text).hex(); }

std::string ImportBackup::id() const {
  secret::Digest digest;
  for (const auto* file : {&config, &credentials}) {
    digest.add(*file ? std::string_view((*file)->path) : std::string_view());
    if (*file) digest.add_secret((*file)->before).add((*file)->after);
  }
  for (const auto& [name, key_id] : keys) digest.add(name).add(key_id);
  return digest.hex().substr(0, kIdLength);
}

void put_backup(secret::Changes& changes, const ImportBackup& backup) {
  secret::Record record;
  record.kind = secret::kind::kImport;
  record.name = backup.id();
  record.fields[kCreated] = base::iso8601(backup.created);
  put_file(record.fields, kConfigFields, backup.config);
  put_file(record.fields, kCredentialsFields, backup.credentials);
  for (const auto& [name, key_id] : backup.keys) record.fields[std::string(kKeyField) + name] = key_id;
  const secret::Bytes none;
  const std::array<const secret::Bytes*, kFiles> parts = {backup.config ? &backup.config->before : &none,
                                                          backup.credentials ? &backup.credentials->before : &none};
  changes.put(std::move(record), secret::pack(parts));
}

base::Result<ImportBackup> read_backup(const secret::Store& store, const secret::DataKey& key,
                                       const secret::Record& record) {
  const secret::Bytes body = TRY(store.secret_of(key, record.kind, record.name));
  auto parts = secret::unpack(body, kFiles);
  const auto created = base::parse_iso8601(secret::field(record.fields, kCreated));
  if (!parts || !created)
    return fail(ErrorKind::store_damaged,
                "the backup " + base::printable(record.name, 40) + " is of a form that this version does not know");
  ImportBackup out;
  out.created = *created;
  out.config = file_of(record.fields, kConfigFields, aws::FileKind::config, std::move((*parts)[0]));
  out.credentials = file_of(record.fields, kCredentialsFields, aws::FileKind::credentials, std::move((*parts)[1]));
  for (const auto& [name, value] : record.fields)
    if (name.starts_with(kKeyField)) out.keys.emplace(name.substr(kKeyField.size()), value);
  return out;
}

base::Result<aws::FileText> restored_text(const aws::ConfigFile& now, const ChangedFile& file) {
  auto before = file.before.reveal_text([](std::string_view text) { return aws::FileText::copy_of(text); });
  if (fingerprint_of(now.text()) == file.after || now.text() == before.view()) return before;
  const aws::ConfigFile old = TRY(aws::ConfigFile::parse(std::move(before), file.path, file.kind));
  aws::FileText text = TRY(merged(now, old));
  if (file.kind == aws::FileKind::credentials) return text;
  return aws::edited(text.view(), file.kind, without_process_lines(now, old));
}

}  // namespace cli
