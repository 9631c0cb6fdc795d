// Edits of AWS's files that leave every other byte as it was: comments, order, spacing, line ends. What would not read
// back as it was given is refused, and a refused value is never repeated in the error.
#pragma once

#include "aws/config_file.h"
#include "aws/file_text.h"
#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

/// A section as its header says it: {"profile", "dev"}, {"", "default"}, {"sso-session", "corp"}.
struct SectionName {
  std::string prefix;
  std::string name;

  /// The header of a profile in that file: "[default]", "[profile dev]", "[dev]".
  static SectionName of_profile(std::string_view name, FileKind kind);
};

/// One edit. With `sub_key` it is about a nested value ("s3 =" and indented lines below).
struct Edit {
  enum class Action : std::uint8_t { set, unset, add_section, remove_section, rename_section };
  Action action = Action::set;
  SectionName section;
  std::string key;
  std::string sub_key;
  std::string value;     // of set
  std::string new_name;  // of rename_section
};

/// The text with all edits, or the reason why one is refused. Pure.
base::Result<FileText> edited(std::string_view text, FileKind kind, std::span<const Edit> edits);

/// Locks the file, reads it, edits it, replaces it atomically (0600, links kept). A missing file and its directory are
/// made. Waits up to `patience` for other writers.
base::Result<void> edit_file(const std::string& path, FileKind kind, std::span<const Edit> edits, base::Clock& clock,
                             base::Duration patience = base::Duration{10'000});

}  // namespace aws
