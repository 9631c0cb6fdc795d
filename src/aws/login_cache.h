// The sign-in files of `aws login` (~/.aws/login/cache): read, and written back whole when AWS has renewed what they
// hold. They lie in clear because the AWS CLI, whose they are, keeps them so.
#pragma once

#include "aws/credentials.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {

struct LoginToken {
  Credentials access;      // always with an expiry
  std::string token_type;  // "aws_sigv4"
  std::string client_id;   // "arn:aws:signin:::devtools/same-device"
  secret::Bytes refresh_token;
  secret::Bytes id_token;  // empty where there is none
  secret::Bytes dpop_key;  // PEM, SEC1 or PKCS#8

  std::vector<std::pair<std::string, secret::Bytes>> others;  // texts that a newer AWS CLI keeps there, by name

  LoginToken clone() const;
};

/// AWS_LOGIN_CACHE_DIRECTORY or ~/.aws/login/cache, and SHA-256 of the session's name. Error: not_found without a HOME.
base::Result<std::string> login_cache_path(const base::Environment& environment, std::string_view login_session);

/// Error: failure, where a part is missing or the text is no such file.
base::Result<LoginToken> parse_login_cache(secret::Bytes text);
/// nullopt where there is none. Errors: refused (a file of another user, or that others can write), failure.
base::Result<std::optional<LoginToken>> read_login_cache(const std::string& path);
/// Atomic, 0600; a symbolic link is kept.
base::Result<void> write_login_cache(const std::string& path, const LoginToken& token);

/// Who signed in, as an id token says: `sub`, which is the session's name, and its account.
struct LoginIdentity {
  std::string session;
  std::string account_id;
};
/// nullopt where it is no such token. Its signature is AWS's own matter and is not looked at.
std::optional<LoginIdentity> login_identity(const secret::Bytes& id_token);

}  // namespace aws
