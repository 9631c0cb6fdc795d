// Profiles that `kabuto write` has put into a credentials file: what they look like, how they are told from a person's,
// and which edits make one, take one out, or clear what a killed owner has left. Pure; config_writer.h makes the edits.
#pragma once

#include "aws/config_file.h"
#include "aws/config_writer.h"
#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

/// The key that marks such a section. Its value is the owner's lock (16 hexadecimal digits), or kWithoutOwner.
inline constexpr std::string_view kWriterKey = "kabuto_writer";
inline constexpr std::string_view kWithoutOwner = "none";

struct WrittenProfile {
  std::string name;
  std::string owner;                     // as above; anything else is nobody's lock
  std::optional<base::Instant> expires;  // none: they do not say, or in no form of ours
  unsigned line = 0;

  bool has_owner() const;
};

/// When the session of a section ends, as kabuto, aws-mfa, awsume and saml2aws write it; nullopt where it does not say.
std::optional<base::Instant> session_end(const ConfigFile& file, const Section& section);

/// Whether that section of a credentials file bears the mark.
bool is_written(const ConfigFile& file, const Section& section);
std::vector<WrittenProfile> written_profiles(const ConfigFile& file);

/// "2030-01-02 03:04:05", UTC: the form of aws-mfa and awsume. nullopt for anything else.
std::string plain_utc(base::Instant when);
std::optional<base::Instant> parse_plain_utc(std::string_view text);

/// What goes into the section. `secrets` are viewed: they must outlive the edits.
struct ToWrite {
  std::string name;
  std::string_view owner;
  const Credentials& credentials;
  std::string_view region;  // empty: none is written
};
std::vector<Edit> write_edits(const ToWrite& what);
std::vector<Edit> remove_edits(std::string_view name);
/// It stays without its owner.
std::vector<Edit> leave_edits(std::string_view name);

/// Those whose credentials have ended and those whose owner is dead.
std::vector<WrittenProfile> leftovers(const ConfigFile& file, base::Instant now,
                                      const std::function<bool(const WrittenProfile&)>& owner_lives);

}  // namespace aws
