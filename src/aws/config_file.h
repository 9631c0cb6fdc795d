// One config or credentials file by the grammar that AWS's SDKs share: sections, properties, continuation lines.
// Reading finds the sections and every fatal error in one pass; the properties of a section are parsed when they are
// asked for, so that one profile out of 10,000 costs no more than its own lines. It merges nothing and writes nothing.
#pragma once

#include "aws/file_text.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

inline constexpr std::size_t kLargestConfigFile = std::size_t{16} * 1024 * 1024;

enum class FileKind : std::uint8_t { config, credentials };
enum class SectionKind : std::uint8_t { profile, sso_session, services, ignored };

struct Section {
  std::string_view name;  // without prefix and quotes
  std::uint32_t line;     // of the header, from 1
  std::uint32_t body;     // offsets of the lines between this header and the next
  std::uint32_t body_end;
  SectionKind kind;
  bool prefixed;  // "[profile default]" wins over "[default]"
};

/// A property as written: raw lines in, for readers and for the writer.
struct Property {
  std::string_view key;    // as spelled; compare ignoring case
  std::string_view value;  // of the first line, trimmed, its comment cut
  std::uint32_t line;
  std::vector<std::string_view> continuations;  // trimmed; comments are part of them
};

/// Something odd that a reader passes over and a person should know.
struct Warning {
  std::string path;
  unsigned line;
  std::string what;
};

class ConfigFile {
 public:
  /// A missing file is an empty one. Errors name the file and the line, never the text of the line.
  static base::Result<ConfigFile> read(const std::string& path, FileKind kind);
  static base::Result<ConfigFile> parse(FileText text, std::string path, FileKind kind);

  const std::string& path() const { return path_; }
  FileKind kind() const { return kind_; }
  std::string_view text() const { return text_.view(); }
  /// In the order of the file, ignored ones included; a name may come more than once.
  const std::vector<Section>& sections() const { return sections_; }
  /// Valid properties in order, duplicates included; keys that are no identifiers are left out.
  std::vector<Property> properties(const Section& section) const;
  /// Whether this section counts: of a known kind, and not a "[default]" beside a "[profile default]".
  bool counts(const Section& section) const;
  /// Ignored sections and keys, duplicates (the AWS CLI refuses a file with those).
  std::vector<Warning> warnings() const;

 private:
  FileText text_;
  std::string path_;
  FileKind kind_ = FileKind::config;
  bool has_prefixed_default_ = false;
  std::vector<Section> sections_;
};

/// Letters, digits and _ - / . % @ : + ; at least one.
bool is_identifier(std::string_view text);

}  // namespace aws
