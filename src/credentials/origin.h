// Where a profile's credentials come from, in one glance: what `list` shows for each of many profiles. The same order
// as the chain's, without following it; it calls nothing and opens no secret.
#pragma once

#include "aws/profile.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace credentials {

enum class OriginKind : std::uint8_t {
  sealed_key,
  key_in_file,      // in clear
  session_in_file,  // in clear, with a session token
  role,
  process,
  environment,
  container,
  instance,
  identity_center,
  web_identity,
  saml,
  certificate,  // of IAM Roles Anywhere
  console_sign_in,
  none,
};

/// "sealed-key", "key-in-file", …: the words of list --json.
std::string_view name_of(OriginKind kind);

struct Origin {
  OriginKind kind = OriginKind::none;
  std::string access_key_id;  // of keys
  std::string role_arn;
  std::string account_id;  // of Identity Center
  std::string role_name;   // of Identity Center
  std::string session;     // of Identity Center: the sso-session, or the start URL of a legacy profile
  std::string source;      // of roles: the source profile or the credential_source; empty for the profile's own key
  std::string mfa_serial;  // empty: none is configured or remembered
  std::string clear_key;   // "FILE line N" of a key in clear, whether it is used or not
  std::string lone_id;     // the same of a key's id beside which no secret stands
};

/// The key in the store, as its names tell; empty id where there is none.
struct SealedName {
  std::string_view access_key_id;
  std::string_view mfa_serial;
};

/// `profile` is null where only the store knows the name.
Origin origin_of(const aws::Profile* profile, const SealedName& sealed);

/// One line for people: "role admin of 222222222222 via people, MFA". The parts are made printable.
std::string describe(const Origin& origin);

}  // namespace credentials
