// One config or credentials file by the grammar that AWS's SDKs share: sections, properties, continuation lines.
// Reading finds the sections and every fatal error in one pass; the properties of a section are parsed when they are
// asked for, so that one profile out of 10,000 costs no more than its own lines. It merges nothing and writes nothing.
#pragma once

#include "aws/file_text.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

inline constexpr std::size_t kLargestConfigFile = std::size_t{16} * 1024 * 1024;

enum class FileKind : std::uint8_t { config, credentials };
enum class SectionKind : std::uint8_t { profile, sso_session, services, ignored };

struct Section {
  std::string_view prefix;  // "profile", or empty
  std::string_view name;    // without quotes; of an ignored section whatever stood there
  std::uint32_t line;       // of the header, from 1
  std::uint32_t header;     // offset of its line; the lines up to the next header are body..end
  std::uint32_t body;
  std::uint32_t end;
  SectionKind kind;
};

/// A property as written. Keys compare ignoring case.
struct Property {
  std::string_view key;
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

/// Not shared between threads: looking sections up may build an index.
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
  /// The sections that count under that name, in order; a "[default]" beside a "[profile default]" does not.
  std::vector<const Section*> sections(SectionKind kind, std::string_view name) const;
  bool counts(const Section& section) const;
  /// Valid properties in order, duplicates included; keys that are no identifiers are left out.
  std::vector<Property> properties(const Section& section) const;
  /// Ignored sections and keys, duplicates (the AWS CLI refuses a file with those).
  std::vector<Warning> warnings() const;

 private:
  FileText text_;
  std::string path_;
  FileKind kind_ = FileKind::config;
  bool has_prefixed_default_ = false;
  std::vector<Section> sections_;
  mutable unsigned lookups_ = 0;
  mutable std::vector<std::uint32_t> by_name_;  // indexes into sections_, made after some lookups
};

/// Letters, digits and _ - / . % @ : + ; at least one.
bool is_identifier(std::string_view text);

/// How the grammar reads one line; for the reader and the writer alike.
enum class LineKind : std::uint8_t { blank, comment, header, continuation, property };
LineKind line_kind(std::string_view line);

/// A property's or sub-property's line taken apart. The views are trimmed; `comment` starts at the white space before
/// '#'.
struct PropertyLine {
  enum class Flaw : std::uint8_t { none, no_equals_sign, no_name } flaw = Flaw::none;
  std::string_view key;
  std::string_view value;
  std::string_view comment;
};
PropertyLine take_apart(std::string_view line);

/// The next line of `text` from `at` on, without its line end; `at` moves behind it.
std::string_view next_line(std::string_view text, std::size_t& at);

}  // namespace aws
