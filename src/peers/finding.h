// What the readers of this room find, whichever tool keeps it: long-term keys, Identity Center sessions, profiles in a
// tool's own form, sessions in clear, and what is only told. Data; it decides nothing.
#pragma once

#include "aws/config_file.h"
#include "aws/credentials.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peers {

/// The tools, in the order in which their keys are preferred where two have one name.
enum class Source : std::uint8_t { aws, aws_mfa, aws_vault, granted, aws_sso, aws_cli };

/// "aws", "aws-mfa", "aws-vault", "granted", "aws-sso", "aws-cli": the words of --from.
std::string_view name_of(Source source);
std::optional<Source> source_named(std::string_view name);
std::vector<std::string_view> source_names();

/// A long-term key, not yet opened where it is sealed.
struct FoundKey {
  Source source = Source::aws;
  std::string profile;
  std::string where;          // for people
  std::string access_key_id;  // empty: sealed, known once it is opened
  /// Opens it; may ask for a passphrase. Each call opens anew.
  std::function<base::Result<aws::Credentials>()> open;
  std::string refusal;  // why it cannot be taken, until somebody edits the file; nothing of its name is then

  // Of keys in clear in AWS's files; they are taken out of them.
  bool in_clear = false;
  std::string path;
  unsigned line = 0;
  std::string section;  // its name in the file, where it is not the profile's
  aws::FileKind file = aws::FileKind::credentials;
  // Of aws-mfa's sections.
  std::string mfa_serial;
  std::string role_arn;
};

/// A portal that a tool's configuration names.
struct FoundSsoSession {
  Source source = Source::granted;
  std::string name;
  std::string start_url;
  std::string region;
  std::string where;
};

/// A profile of AWS's config file that only a tool's own keys make useful: granted_sso_….
struct FoundSsoProfile {
  Source source = Source::granted;
  std::string profile;
  std::string start_url;
  std::string region;
  std::string account_id;
  std::string role_name;
  std::string where;
};

/// A file in which a session of another tool lies in clear.
struct FoundSession {
  Source source = Source::aws_cli;
  std::string path;
  std::string what;       // "a sign-in of https://…", "a session of a role"
  std::string start_url;  // of sign-ins
  base::Instant ends;
};

/// What is told and not done: an item that cannot be read, a session that ends by itself.
struct Remark {
  Source source = Source::aws;
  std::string where;
  std::string text;
  /// Something that was to be taken over and cannot be: the exit code speaks of it.
  std::optional<base::ErrorKind> trouble;
};

struct Findings {
  std::vector<FoundKey> keys;
  std::vector<FoundSsoSession> sso_sessions;
  std::vector<FoundSsoProfile> sso_profiles;
  std::vector<FoundSession> sessions;
  std::vector<Remark> remarks;
};

}  // namespace peers
