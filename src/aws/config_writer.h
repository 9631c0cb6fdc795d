// Edits of AWS's files that leave every other byte as it was: comments, order, spacing, line ends. What would not read
// back as it was given is refused, and a refused value is never repeated in the error.
#pragma once

#include "aws/config_file.h"
#include "aws/file_rewrite.h"
#include "aws/file_text.h"
#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

/// A section as its header says it: {"profile", "dev"}, {"", "default"}, {"sso-session", "corp"}. "[default]" and
/// "[profile default]" are one section of a config file: the edit goes to the one that counts.
struct SectionName {
  std::string prefix;
  std::string name;

  /// The header of a profile in that kind of file: [default], [profile dev]; in a credentials file [dev].
  static SectionName of_profile(std::string_view name, FileKind kind);
  bool operator==(const SectionName&) const = default;
};

/// One edit. With a sub-key it is about a nested value ("s3 =" and indented lines below).
struct Edit {
  enum class Action : std::uint8_t { set, unset, add_section, remove_section, rename_section };
  Action action = Action::set;
  SectionName section;
  std::string key = {};
  std::string sub_key = {};
  std::string value = {};                 // of set
  const secret::Bytes* secret = nullptr;  // of set without a sub-key: in the place of value; outlives the edit
  SectionName new_section = {};           // of rename_section
};

/// The text with all edits made, one after the other. Pure. Errors: a text that does not parse, refused (what would not
/// read back), not_found and failure (a section that is missing or in the way). To unset what is not there is no error.
base::Result<FileText> edited(std::string_view text, FileKind kind, std::span<const Edit> edits);

/// Locks the file, reads it, edits it, replaces it atomically (0600, links kept); where nothing changes nothing is
/// written. A missing file and its directory are made. Waits up to `patience` for other writers.
base::Result<void> edit_file(const std::string& path, FileKind kind, std::span<const Edit> edits, base::Clock& clock,
                             base::Duration patience = kWriterPatience);

/// The same, for edits that depend on what stands in the file: decided under the lock.
using EditPlan = std::function<base::Result<std::vector<Edit>>(const ConfigFile& file)>;
base::Result<void> edit_file(const std::string& path, FileKind kind, const EditPlan& plan, base::Clock& clock,
                             base::Duration patience = kWriterPatience);

}  // namespace aws
