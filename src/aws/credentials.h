// A set of AWS credentials. The key id and the expiry are names, the other two are secrets.
#pragma once

#include "base/clock.h"
#include "secret/bytes.h"

#include <optional>
#include <string>

namespace aws {

struct Credentials {
  std::string access_key_id;
  secret::Bytes secret_access_key;
  secret::Bytes session_token;              // empty for long-term keys
  std::optional<base::Instant> expiration;  // in AWS's time; none for long-term keys
  std::string account_id;                   // empty where unknown

  Credentials clone() const {
    return {access_key_id, secret_access_key.clone(), session_token.clone(), expiration, account_id};
  }
};

}  // namespace aws
