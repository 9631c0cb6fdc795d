// What an import changes in AWS's files, kept sealed in the store before it is changed: the record, and the way back.
// It decides nothing about what is imported.
#pragma once

#include "aws/config_file.h"
#include "aws/config_writer.h"
#include "base/clock.h"
#include "base/result.h"
#include "secret/store.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cli {

/// One of AWS's files before and after.
struct ChangedFile {
  std::string path;
  aws::FileKind kind = aws::FileKind::config;
  secret::Bytes before;
  std::string after;  // fingerprint of what it was made into
};

struct ImportBackup {
  base::Instant created;
  std::optional<ChangedFile> config;
  std::optional<ChangedFile> credentials;
  std::map<std::string, std::string> keys;  // the names of keys that lay in clear, and their ids

  /// The same for the same files and keys, so that a run that was cut short is gone on with and not doubled.
  std::string id() const;
};

/// What a text is told from others by; it hides nothing.
std::string fingerprint_of(std::string_view text);

void put_backup(secret::Changes& changes, const ImportBackup& backup);
/// store_damaged for a record of another form.
base::Result<ImportBackup> read_backup(const secret::Store& store, const secret::DataKey& key,
                                       const secret::Record& record);

/// The file as it was where nobody has changed it since; else the keys of the named profiles are put back into what it
/// is now. refused where such a profile has a key in that file again.
base::Result<aws::FileText> restored_text(const aws::ConfigFile& now, const ChangedFile& file);

}  // namespace cli
