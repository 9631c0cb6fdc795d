// What happens while people sign in: registered clients, pages that are open, codes, devices, tokens. Plain data; the
// rules are in oidc.cc, tokens.cc, the pages and the portal.
#pragma once

#include "identity_center.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim {

struct OidcClient {
  std::string id, secret, name;
  std::vector<std::string> scopes, redirect_uris, grant_types;  // no grant types: any
  IdentityCenter* center = nullptr;                             // of its issuer URL, where it gave one
  base::Instant expires;
};

/// One sign-in of one person: the tokens of one authorization and their successors, which end together.
struct SignIn {
  IdentityCenter* center = nullptr;
  CenterUser* user = nullptr;
  std::string client_id;
  std::vector<std::string> scopes;
  base::Instant ends;
  bool revoked = false;
};

struct AuthorizationCode {
  std::string client_id, redirect_uri, challenge;
  std::vector<std::string> scopes;
  IdentityCenter* center = nullptr;
  CenterUser* user = nullptr;
  base::Instant expires;
  bool used = false;
};

struct DeviceRequest {
  std::string user_code, client_id;
  IdentityCenter* center = nullptr;
  base::Instant expires;
  base::Duration interval{0};
  base::Instant last_poll;
  enum class Status { pending, allowed, denied, used } status = Status::pending;
  CenterUser* user = nullptr;
};

/// A sign-in page in somebody's browser. `user` is who gave the right password; `complete`, and the right MFA code too.
struct PageVisit {
  std::string client_id, redirect_uri, state, challenge;
  std::string device_code;  // of a device's page, whose redirect URI is empty
  std::vector<std::string> scopes;
  IdentityCenter* center = nullptr;
  CenterUser* user = nullptr;
  bool complete = false;
  base::Instant expires;
};

struct AccessToken {
  std::shared_ptr<SignIn> sign_in;  // shared by all tokens of one sign-in
  base::Instant expires;
};

struct RefreshToken {
  std::shared_ptr<SignIn> sign_in;
  std::string predecessor;  // dies when this one is first used
  bool superseded = false;
};

struct SignIns {
  std::map<std::string, OidcClient> clients;
  std::map<std::string, PageVisit> visits;
  std::map<std::string, AuthorizationCode> codes;
  std::map<std::string, DeviceRequest> devices;  // by device code
  std::map<std::string, AccessToken> access_tokens;
  std::map<std::string, RefreshToken> refresh_tokens;
};

}  // namespace sim
