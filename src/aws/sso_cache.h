// The sign-in files of the AWS CLI (~/.aws/sso/cache): read where kabuto has no sign-in of its own, written only when a
// person asks for it (--share), because they hold tokens in clear.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// A token file's content. Empty texts and no time: the file lacks them.
struct SsoCacheToken {
  std::string start_url;
  std::string region;
  secret::Bytes access_token;
  base::Instant expires;
  std::string client_id;
  secret::Bytes client_secret;
  std::optional<base::Instant> registration_expires;
  secret::Bytes refresh_token;
};

/// ~/.aws/sso/cache/SHA1.json; `id` is the sso-session's name or, for a legacy profile, its start URL as configured.
/// Error: not_found without a HOME.
base::Result<std::string> sso_cache_path(const base::Environment& environment, std::string_view id);

/// nullopt where the text is half written or lacks a token or its expiry. Any spelling of a time that the AWS CLI has
/// ever written is read.
std::optional<SsoCacheToken> parse_sso_cache(secret::Bytes text);
/// nullopt where the file is missing, half written, or lacks a token or its expiry; an unsafe file (of another user) is
/// refused.
base::Result<std::optional<SsoCacheToken>> read_sso_cache(const std::string& path);
/// Atomic, 0600, the directories made 0700.
base::Result<void> write_sso_cache(const std::string& path, const SsoCacheToken& token);
/// No error where it is not there.
base::Result<void> remove_sso_cache(const std::string& path);

}  // namespace aws
