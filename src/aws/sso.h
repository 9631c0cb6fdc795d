// Identity Center's portal (portal.sso.REGION): which accounts and roles a signed-in person has, and their credentials.
// Pages and throttling are handed up: pacing many calls is credentials/listing.h.
#pragma once

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "secret/bytes.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aws {

struct SsoAccount {
  std::string id;
  std::string name;   // of the server: may hold anything
  std::string email;  // as above
};

template <class Item>
struct SsoPage {
  std::vector<Item> items;
  std::string next_token;  // empty: the last page
};

/// 429, not repeated: the caller paces.
struct Throttled {
  std::optional<base::Duration> wish;  // the server's own
};
template <class Item>
using SsoListing = std::expected<SsoPage<Item>, Throttled>;

class Sso {
 public:
  /// The client must outlive this object.
  Sso(Client& client, Endpoint endpoint) : client_(client), endpoint_(std::move(endpoint)) {}

  // Errors of all: expired (401: the token is no longer good), denied (403, no such assignment), not_found (404),
  // unreachable, failure.
  base::Result<SsoListing<SsoAccount>> list_accounts(const secret::Bytes& access_token, const std::string& next_token);
  /// Role names.
  base::Result<SsoListing<std::string>> list_account_roles(const secret::Bytes& access_token,
                                                           const std::string& account_id,
                                                           const std::string& next_token);
  /// Repeated under throttling, as any call.
  base::Result<Credentials> get_role_credentials(const secret::Bytes& access_token, const std::string& account_id,
                                                 const std::string& role_name);
  base::Result<void> logout(const secret::Bytes& access_token);

 private:
  Client& client_;
  Endpoint endpoint_;
};

}  // namespace aws
