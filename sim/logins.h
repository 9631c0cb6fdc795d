// `aws login`: pages that are open, codes, sign-in sessions bound to a DPoP key, refresh tokens. Plain data; the rules
// are in login_pages.cc and login_tokens.cc.
#pragma once

#include "base/clock.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sim {

struct User;

/// What an authorization asked for.
struct LoginRequest {
  std::string client_id, redirect_uri, state, challenge;
};

/// A sign-in page in somebody's browser. `user` is who gave the right password; `complete`, and the right MFA code too.
struct LoginVisit {
  LoginRequest request;
  User* user = nullptr;
  std::optional<base::Instant> mfa_time;
  bool complete = false;
  base::Instant expires;
};

struct LoginCode {
  LoginRequest request;
  User* user = nullptr;
  std::optional<base::Instant> mfa_time;
  base::Instant expires;
  bool used = false;
};

/// One sign-in of one user: its refresh tokens end together.
struct LoginSession {
  User* user = nullptr;
  std::string client_id;
  std::string key_thumbprint;  // of the DPoP key that came with the code
  std::optional<base::Instant> mfa_time;
  base::Instant began, ends;
};

struct LoginRefreshToken {
  std::shared_ptr<LoginSession> session;  // shared by all tokens of one sign-in
  std::string predecessor;                // dies when this one is first used
  bool superseded = false;
};

struct Logins {
  std::map<std::string, LoginVisit> visits;
  std::map<std::string, LoginCode> codes;
  std::map<std::string, LoginRefreshToken> refresh_tokens;
  std::map<std::string, base::Instant> proof_ids;  // jti of each DPoP proof, and when it came
};

}  // namespace sim
