// A set of AWS credentials. The key id and the expiry are names, the other two are secrets.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// Signs for one access key whose secret is not in this process.
class Signer {
 public:
  virtual ~Signer() = default;
  /// The signature (sigv4.h), hex.
  virtual base::Result<std::string> sign(std::string_view string_to_sign) = 0;
};

struct Credentials {
  std::string access_key_id;
  secret::Bytes secret_access_key;
  secret::Bytes session_token;              // empty for long-term keys
  std::optional<base::Instant> expiration;  // in AWS's time; none for long-term keys
  std::string account_id;                   // empty where unknown
  Signer* signer = nullptr;                 // in the place of an empty secret_access_key; outlives these credentials

  Credentials clone() const {
    return {access_key_id, secret_access_key.clone(), session_token.clone(), expiration, account_id, signer};
  }
};

}  // namespace aws
