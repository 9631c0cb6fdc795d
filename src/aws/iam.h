// AWS's Identity and Access Management, by hand: a user's own access keys and MFA devices, as `rotate` and the MFA
// prompt need them. An empty user name means the user who signs the call, as AWS has it.
#pragma once

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aws {

enum class KeyStatus { active, inactive };

struct AccessKey {
  std::string access_key_id;
  std::string user_name;
  KeyStatus status = KeyStatus::active;
  std::optional<base::Instant> created;
};

struct MfaDevice {
  std::string serial_number;
  std::string user_name;
  std::optional<base::Instant> enabled;
};

struct User {
  std::string user_name;
  std::string arn;
  std::string user_id;
};

class Iam {
 public:
  /// The client must outlive this object.
  Iam(Client& client, Endpoint endpoint) : client_(client), endpoint_(std::move(endpoint)) {}

  /// A user has two keys at most; a third is refused by AWS. The call is made once, never repeated after a lost reply:
  /// list_access_keys shows whether it left a key behind.
  base::Result<Credentials> create_access_key(const Credentials& credentials, const std::string& user_name);
  base::Result<std::vector<AccessKey>> list_access_keys(const Credentials& credentials, const std::string& user_name);
  base::Result<void> update_access_key(const Credentials& credentials, const std::string& user_name,
                                       const std::string& access_key_id, KeyStatus status);
  /// A key that is gone already: not_found.
  base::Result<void> delete_access_key(const Credentials& credentials, const std::string& user_name,
                                       const std::string& access_key_id);
  base::Result<std::vector<MfaDevice>> list_mfa_devices(const Credentials& credentials, const std::string& user_name);
  base::Result<User> get_user(const Credentials& credentials, const std::string& user_name);

 private:
  Client& client_;
  Endpoint endpoint_;
};

}  // namespace aws
