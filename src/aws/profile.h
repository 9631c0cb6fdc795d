// Profiles as all of AWS's files together say them: config first, credentials over it, key by key, then what
// include_profile brings. It decides nothing about credentials; that is the chain's part.
#pragma once

#include "aws/config_file.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {

enum class Platform : std::uint8_t { posix, windows };

struct Locations {
  std::string config;  // empty where there is no home directory and no variable names a file
  std::string credentials;
};

/// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/config and ~/.aws/credentials. A leading "~/" is
/// expanded.
Locations locations(const base::Environment& environment, Platform platform = Platform::posix);

/// A value and where it stands. The views live as long as the Profiles they come from.
struct Setting {
  std::string_view key;    // as spelled
  std::string_view value;  // lines of a nested value joined by '\n'; empty for keys that hold a secret
  std::string_view path;
  unsigned line = 0;
  FileKind file = FileKind::config;

  /// "/home/u/.aws/config line 12"; the origin alone where no file says it.
  std::string where() const;
};

/// aws_secret_access_key, aws_session_token, aws_security_token: keys whose value only Profile::secret gives.
bool holds_secret(std::string_view key);

/// One profile, sso-session or services section, merged. Lives no longer than its Profiles.
class Profile {
 public:
  const std::string& name() const { return name_; }
  /// Case of the key does not matter. An empty value is a value. The value of a secret's key is empty.
  std::optional<Setting> get(std::string_view key) const;
  /// The value, or an empty text where the key is missing or empty.
  std::string_view value(std::string_view key) const;
  /// A copy of any value, for keys that hold a secret; nullopt where the key is missing or empty.
  std::optional<secret::Bytes> secret(std::string_view key) const;
  /// The sub-key of a nested value: get("s3", "addressing_style").
  std::optional<Setting> get(std::string_view key, std::string_view sub_key) const;
  /// Each key once, in the order of the files; values of secrets are empty.
  std::vector<Setting> settings() const;
  /// Where the profile's first section stands.
  std::string where() const;

 private:
  friend class Profiles;
  std::optional<Setting> entry(std::string_view key) const;
  void put(Setting setting);

  std::string name_;
  std::vector<Setting> entries_;
  std::vector<std::shared_ptr<FileText>> joined_;  // values of several lines; shared by copies of the profile
  std::string_view path_;
  unsigned line_ = 0;
};

/// Under aws-vault's name every profile inherits the keys it lacks from [default]; otherwise never.
enum class Inherit : std::uint8_t { included_only, included_and_default };

class Profiles {
 public:
  /// Reads both files. Errors: a file that cannot be read or parsed, with its name and line.
  static base::Result<Profiles> load(const Locations& locations, Inherit inherit = Inherit::included_only);
  static base::Result<Profiles> load(const base::Environment& environment, Inherit inherit = Inherit::included_only);
  /// Of texts, for tests.
  static base::Result<Profiles> of_texts(std::string_view config, std::string_view credentials,
                                         Inherit inherit = Inherit::included_only);

  /// Each profile once, in the order of the files, config first.
  std::vector<std::string_view> names() const;
  bool contains(std::string_view name) const;
  /// A profile that no file holds, before any of that name: the keys as if they stood in the config file, `origin` in
  /// place of file and line. For this object and what is found in it.
  void add_made(std::string name, const std::vector<std::pair<std::string, std::string>>& keys, std::string origin);
  /// A key of the profile of that name, or of every profile where it is empty, whatever the files say; `origin` says
  /// who wants it, in place of file and line.
  void put_over(std::string_view name, std::string_view key, std::string_view value, std::string origin);
  /// nullopt where no file names it. Errors: an include_profile that is missing or leads back to itself.
  base::Result<std::optional<Profile>> find(std::string_view name) const;
  std::optional<Profile> sso_session(std::string_view name) const;
  std::optional<Profile> services(std::string_view name) const;
  std::vector<std::string_view> sso_session_names() const;

  std::vector<Warning> warnings() const;
  const ConfigFile& config() const { return config_; }
  const ConfigFile& credentials() const { return credentials_; }

 private:
  std::vector<std::string_view> names_of(SectionKind kind) const;
  std::optional<Profile> merged(SectionKind kind, std::string_view name) const;

  struct Made;

  ConfigFile config_;
  ConfigFile credentials_;
  // Shared: profiles that are found keep views into them.
  std::vector<std::shared_ptr<const Made>> made_;
  std::vector<std::shared_ptr<const Made>> over_;
  Inherit inherit_ = Inherit::included_only;
};

}  // namespace aws
